import ArgumentParser
import NIOCore
import NIOPosix

/// Asks the process on this machine whether it lives: what a container's health check runs, with no curl in the image.
struct Healthcheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Asks the service on PORT whether it lives; exits 0 or 1.")

    func run() async throws {
        let configuration = try await Exit.onConfigurationError { try await Configuration.load() }
        let host = try configuration.value(of: Settings.host)
        let port = try configuration.value(of: Settings.port)
        do {
            let status = try await status(host: ["0.0.0.0", "::"].contains(host) ? "127.0.0.1" : host, port: port)
            if status == "200" { return }
            Exit.say("\(host) on port \(port) answers with \(status ?? "nothing")")
        } catch {
            Exit.say("no answer from \(host) on port \(port): \(error)")
        }
        throw ExitCode.failure
    }

    /// How long connecting may take, and the answer after it: a process that stands still accepts and says nothing.
    private static let patience = TimeAmount.seconds(2)

    /// The status code that `/health/live` answers with; `nil` where none came in time.
    private func status(host: String, port: Int) async throws -> Substring? {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(Self.patience)
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            let request = "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            let limit = channel.channel.eventLoop.scheduleTask(in: Self.patience) {
                channel.channel.close(promise: nil)
            }
            defer { limit.cancel() }
            try await outbound.write(ByteBuffer(string: request))
            var answer = ""
            for try await part in inbound where answer.utf8.count < 12 { answer += String(buffer: part) }
            return answer.split(separator: " ").dropFirst().first
        }
    }
}
