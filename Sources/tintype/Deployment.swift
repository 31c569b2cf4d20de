import CloudWatchBackend
import ECSBackend
import FetchBackend
import Imaging
import Jobs
import Logging
import Metrics
import NIOCore
import NIOPosix
import OpenAIBackend
import Rendering
import SQLiteBackend
import Server
import ServiceLifecycle
import SystemPackage
import Threads
import UnixSignals

/// One process of the service, put together as the configuration says: this file reads as the architecture does.
enum Deployment {
    static func run(_ role: Role) async throws {
        Exit.atOnceOnSignals()
        try await Exit.onConfigurationError {
            let configuration = try await Configuration.load()
            try configuration.value(of: Settings.logFormat).bootstrap(level: configuration.value(of: Settings.logLevel))
            let logger = Logger(label: "tintype")
            let metrics = PrometheusRegistry()
            let jobMeter = try configuration.value(of: Settings.metricsEMF) ? JobMeter() : nil
            let historyMeter = HistoryMeter()
            let meters: [(any MetricsFactory)?] = [metrics, historyMeter, jobMeter]
            MetricsSystem.bootstrap(MultiplexMetricsHandler(factories: meters.compactMap(\.self)))
            try configuration.check(role)

            let worker = WorkerID()
            let backends = try await Backends(configuration, role: role, worker: worker, logger: logger)
            let engine = ThreadRenderer(configuration.renderer, slots: configuration.slots)
            let engines = Engines(engine, configuration, logger)
            let readiness = Readiness()
            let intake = Intake(
                store: backends.store, queue: backends.queue, storage: backends.storage, scratch: backends.scratch,
                probe: engine, previewer: engines.previewer, urlRules: try configuration.addressGuard,
                changes: backends.changes,
                policy: try configuration.intakePolicy, logger: logger)

            var services: [any Service] = []
            if let relay = backends.relay { services.append(relay) }
            var serverSettings = try configuration.serverSettings(for: role, fileLimit: System.raiseFileLimit())
            serverSettings.pingRedis = backends.pingRedis
            services.append(
                HTTPServer(
                    settings: serverSettings, intake: intake, readiness: readiness,
                    metrics: metrics, logger: logger,
                    onListening: { port in
                        announce(role, port: port, configuration)
                        if role.acceptsWork, configuration[Settings.adminToken] == nil {
                            logger.notice("without ADMIN_TOKEN the operator's routes answer on this machine alone")
                        }
                    }))
            if role.acceptsWork {
                services.append(
                    TrafficDelay(
                        readiness: readiness, delay: .seconds(try configuration.value(of: Settings.drainDelay))))
            }
            services.append(
                Reconciler(
                    store: backends.store, queue: backends.queue, storage: backends.storage,
                    changes: backends.changes, deadLetters: backends.deadLetters,
                    settings: try configuration.reconcilerSettings, logger: logger))
            services.append(
                Historian(
                    store: backends.store, meter: historyMeter, seesQueue: role.acceptsWork, logger: logger))
            if let jobMeter {
                services.append(
                    EmbeddedMetrics(
                        store: backends.store, meter: role.doesWork ? jobMeter : nil,
                        origin: try configuration.metricOrigin, host: System.hostName, version: Tintype.version,
                        logger: logger, print: Self.print))
            }
            if role.doesWork {
                services.append(
                    Webhooks(
                        store: backends.store, sender: try configuration.webhookSender, changes: backends.changes,
                        deadLetters: backends.deadLetters,
                        settings: WebhookSettings(
                            worker: worker, host: System.hostName,
                            operatorsReceiver: configuration[Settings.webhookURL],
                            retention: try configuration.retention, body: WebhookBody.text),
                        logger: logger))
                let tools = Workbench.Tools(
                    shared: engines.shared, isolated: engines.isolated, probe: engine,
                    vision: try configuration.openAI.map { OpenAIVisionService($0) },
                    fetcher: GuardedFetcher(try configuration.addressGuard))
                let processor = Processor(
                    store: backends.store, queue: backends.queue,
                    workbench: Workbench(
                        store: backends.store, storage: backends.storage, scratch: backends.scratch, tools: tools,
                        limits: try configuration.workLimits),
                    changes: backends.changes, deadLetters: backends.deadLetters,
                    settings: try configuration.processorSettings(of: worker), logger: logger)
                if let agent = configuration.taskAgent {
                    services.append(
                        ScaleInProtection(agent: agent, workload: processor.workload, logger: logger))
                }
                services.append(processor)
            }
            services.append(
                DrainNotice(
                    readiness: readiness, limit: .seconds(max(1, try configuration.value(of: Settings.shutdownGrace))),
                    logger: logger))

            // Stopped from the last to the first: readiness goes at once, the processor finishes its work, and the API
            // answers until the end, or until load balancers have noticed.
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    // By default a service is logged with all that it holds, secrets too, and takes long to describe.
                    services: services.map { .init(service: $0, serviceName: "\(type(of: $0))") },
                    gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
            // A loop that serves no connection: no request, however it is made, can keep the heartbeat from its time.
            let eventLoop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
            do {
                try await withTaskExecutorPreference(EventLoopExecutor(eventLoop)) { try await group.run() }
            } catch {
                guard let reason = troubleListening(error) else { throw error }
                let host = try configuration.value(of: Settings.host)
                let port = try configuration.value(of: Settings.port)
                throw ConfigurationError.unusable(
                    reason: "HOST \(host) and PORT \(port) cannot be listened on: \(reason)")
            }
        }
    }

    /// Why the system gives no address to listen on; `nil` for what is no such error.
    private static func troubleListening(_ error: any Error) -> String? {
        switch error {
        case let error as IOError: Errno(rawValue: error.errnoCode).description
        case let error as SocketAddressError.UnknownHost: error.errorDescription
        case is SocketAddressError: "\(error)"
        default: nil
        }
    }

    /// Tells people, on standard output, where the service is.
    @Sendable private static func announce(_ role: Role, port: Int, _ configuration: Configuration) {
        let host = configuration[Settings.host] ?? ""
        let reachable = ["0.0.0.0", "::"].contains(host) ? "localhost" : host.contains(":") ? "[\(host)]" : host
        print("Tintype \(Tintype.version) (\(role.rawValue)) listens on http://\(reachable):\(port)")
    }

    /// Not Swift's: standard output is no terminal under a supervisor, and would be buffered.
    @Sendable private static func print(_ line: String) {
        _ = try? FileDescriptor.standardOutput.writeAll(Array("\(line)\n".utf8))
    }
}
