import NIOCore
import NIOSSL

/// How the server is reached: what every connection to it has in common.
struct RabbitMQServer: Sendable {
    private let address: AMQPAddress
    private let tls: NIOSSLContext?
    /// One is enough for all connections: messages are small, and few.
    let eventLoop: any EventLoop

    /// - Throws: ``RabbitMQSettingsError/authorityFile(path:reason:)``.
    init(_ settings: RabbitMQSettings, on eventLoop: any EventLoop) throws(RabbitMQSettingsError) {
        address = settings.address
        self.eventLoop = eventLoop
        guard address.isEncrypted else {
            tls = nil
            return
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let path = settings.authorityFile { configuration.trustRoots = .file(path) }
        do {
            tls = try NIOSSLContext(configuration: configuration)
        } catch {
            throw .authorityFile(path: settings.authorityFile ?? "the system", reason: "\(error)")
        }
    }

    /// Opens a connection; it is there when all requests are answered.
    func open(
        by deadline: NIODeadline, events: AMQPEvents, requests: [AMQPRequest]
    ) async throws -> AMQPConnection {
        try await AMQPConnection.open(
            to: address, tls: tls, on: eventLoop, by: deadline, events: events, requests: requests)
    }
}

extension AMQPConnection: Linked {
    func close() { close(because: .lost(reason: "closed")) }
}
