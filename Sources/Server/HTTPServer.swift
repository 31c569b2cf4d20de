import HummingbirdCore
package import Jobs
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The HTTP side of the process, as a service: it listens until it is shut down, then finishes what it is answering.
package struct HTTPServer: Service {
    private let settings: ServerSettings
    private let responder: Responder
    private let readiness: Readiness
    private let logger: Logger
    private let onListening: @Sendable (_ port: Int) async -> Void

    /// - Parameter onListening: called once with the port, when connections are taken.
    package init(
        settings: ServerSettings, intake: Intake, readiness: Readiness, metrics: PrometheusRegistry, logger: Logger,
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        self.settings = settings
        self.logger = logger
        self.readiness = readiness
        self.onListening = onListening
        let resources = Self.resources(
            settings: settings, intake: intake, readiness: readiness, metrics: metrics, logger: logger)
        responder = Responder(
            routes: RouteTable(resources.flatMap(\.routes)), gate: OperatorGate(settings: settings),
            log: AccessLog(metrics: HTTPMetrics(registry: metrics), logger: logger))
    }

    package func run() async throws {
        let limits = settings.limits
        let responder = responder
        let server = HTTPConnection(limits: limits, log: responder.log, readiness: readiness) {
            request, writer, channel in
            try await responder.respond(to: request, through: writer, on: channel)
        }.server(
            configuration: ServerConfiguration(
                address: .hostname(settings.host, port: settings.port), backlog: 1024,
                availableConnectionsDelegate: .maximum(limits.connections, logger: logger)),
            onServerRunning: { [onListening] channel in await onListening(channel.localAddress?.port ?? 0) },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: logger
        )
        try await server.run()
    }
}
