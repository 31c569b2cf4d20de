import NIOCore
import NIOPosix
import Subprocess
import Testing

/// Lends a Redis of the test's own, which is empty, and is gone afterwards with all that it was given.
package func withSpareRedis(
    _ options: [String] = [], _ body: @Sendable (_ port: Int) async throws -> Void
) async throws {
    let loops = MultiThreadedEventLoopGroup.singleton
    let place = try await ServerBootstrap(group: loops).bind(host: "127.0.0.1", port: 0).get()
    guard let port = place.localAddress?.port else { throw ChannelError.unknownLocalAddress }
    try await place.close()
    let words = ["--bind", "127.0.0.1", "--port", "\(port)", "--save", "", "--dir", "/tmp"] + options
    _ = try await Subprocess.run(
        .name("redis-server"), arguments: .init(words), input: .none, output: .discarded, error: .discarded
    ) { server in
        defer { try? server.send(signal: .kill) }
        try await eventually {
            let connection = try? await ClientBootstrap(group: loops).connect(host: "127.0.0.1", port: port).get()
            try await connection?.close()
            return connection != nil
        }
        try await body(port)
    }
}
