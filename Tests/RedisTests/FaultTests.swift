import Jobs
import NIOCore
import NIOPosix
import RedisBackend
import TestServers
import Testing

@Suite struct `Redis client in trouble` {
    @Test(arguments: ["redis://127.0.0.1:1", "redis://no-such-host.invalid", "rediss://127.0.0.1:1"])
    func `a server that is not there is unavailable, at once`(_ url: String) async throws {
        try await withRedisClient(url) { client in
            for _ in 0..<3 { await expectUnavailable { _ = try await client.send("PING") } }
        }
    }

    @Test(arguments: ["redis", "rediss"])
    func `a server that says nothing is unavailable within two seconds`(_ scheme: String) async throws {
        let hole = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(hole.localAddress?.port)
        try await withRedisClient("\(scheme)://127.0.0.1:\(port)") { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                // The last of them comes when the first attempt has been going on for a while.
                for delay in [0, 0, 700] {
                    group.addTask {
                        try await Task.sleep(for: .milliseconds(delay))
                        await expectUnavailable { _ = try await client.send("PING") }
                    }
                }
                try await group.waitForAll()
            }
        }
        try await hole.close()
    }

    @Test func `a peer that is no Redis is unavailable, and told apart`() async throws {
        let peer = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { $0.pipeline.addHandler(Refusing()) }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(peer.localAddress?.port)
        try await withRedisClient("redis://127.0.0.1:\(port)") { client in
            let reason = await expectUnavailable { _ = try await client.send("PING") }
            #expect(reason?.contains("not Redis'") == true)
        }
        try await peer.close()
    }

    @Test func `an answer that is overdue is given to nobody`() async throws {
        try await Server.single.withClient(timeout: .milliseconds(300)) { client in
            // It blocks this client's connection alone.
            let late = Task { try await client.send("BLPOP", .init(freshKey()), 2) }
            await expectUnavailable { _ = try await late.value }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let answer = try await persistently { try await client.send("ECHO", .init("\(number)")) }
                        #expect(answer.string == "\(number)")
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    // Not the cluster, whose other nodes are asked meanwhile, without the relay.
    @Test(arguments: [Server.single, .encrypted])
    func `a connection that was lost comes back`(_ server: Server) async throws {
        try await server.withRelay { relay, url in
            try await withRedisClient(url, trusting: server.trusted) { client in
                for _ in 0..<5 {
                    let id = try await persistently { try await client.send("CLIENT", "ID") }
                    relay.cut()
                    try await eventually(within: .seconds(2)) {
                        try await persistently { try await client.send("CLIENT", "ID") } != id
                    }
                }
            }
        }
    }

    @Test(arguments: [Server.single, .encrypted])
    func `a connection on which the server fell silent is soon replaced`(_ server: Server) async throws {
        try await server.withRelay { relay, url in
            try await withRedisClient(url, timeout: .milliseconds(700), trusting: server.trusted) { client in
                _ = try await client.send("PING")
                relay.isSilent = true
                await expectUnavailable { _ = try await client.send("PING") }
                relay.isSilent = false
                let answer = try await persistently(within: .seconds(2)) { try await client.send("PING") }
                #expect(answer.string == "PONG")
            }
        }
    }

    @Test func `a server that was made a replica is unavailable, and its name asked anew`() async throws {
        try await withSpareRedis { port in
            try await withRedisClient("redis://127.0.0.1:\(port)") { client in
                let script = RedisScript("return redis.call('SET', KEYS[1], 1)")
                // Nobody is there whom it could copy.
                _ = try await client.send("REPLICAOF", "127.0.0.1", 1)
                for write in 0..<3 {
                    let id = try await persistently { try await client.send("CLIENT", "ID") }
                    let reason = await expectUnavailable {
                        switch write {
                        case 0: _ = try await client.send("SET", "key", 1)
                        case 1: _ = try await client.run(script, keys: ["key"])
                        default:
                            for case .failure(let error) in try await client.send(all: [["SET", "key", 1]]) {
                                throw error.meaning
                            }
                        }
                    }
                    #expect(reason?.contains("READONLY") == true)
                    try await eventually { try await persistently { try await client.send("CLIENT", "ID") } != id }
                }
                _ = try await client.send("REPLICAOF", "NO", "ONE")
                let answer = try await client.run(script, keys: ["key"])
                #expect(answer.string == "OK")
            }
        }
    }

    @Test func `a client that the server kills comes back`() async throws {
        try await Server.single.withClient { client in
            try await Server.single.withClient { killer in
                for _ in 0..<5 {
                    let id = try await persistently { try await client.send("CLIENT", "ID") }
                    #expect(try await killer.send("CLIENT", "KILL", "ID", .init(id.int ?? 0)) == .integer(1))
                    let back = try await persistently(within: .seconds(2)) { try await client.send("CLIENT", "ID") }
                    #expect(back != id)
                }
            }
        }
    }

    @Test func `commands go on while connections break, and none gets another's answer`() async throws {
        try await Server.single.withRelay { relay, url in
            try await withRedisClient(url) { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for task in 0..<20 {
                        group.addTask {
                            for number in 0..<100 {
                                let text = "\(task) \(number)"
                                let answer = try await persistently { try await client.send("ECHO", .init(text)) }
                                #expect(answer.string == text)
                            }
                        }
                    }
                    for _ in 0..<10 {
                        _ = try await persistently { try await client.send("PING") }
                        relay.cut()
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test func `more commands than may wait are refused at once`() async throws {
        try await Server.single.withClient { client in
            let many = [[RedisArgument]](repeating: ["PING"], count: 10_001)
            let reason = await expectUnavailable { _ = try await client.send(all: many) }
            #expect(reason?.contains("wait") == true)
            let answer = try await client.send("PING")
            #expect(answer.string == "PONG")
        }
    }

    @Test(arguments: [("test", "wrong"), ("nobody", "test-secret"), ("", "wrong"), ("", "")])
    func `a login that is refused is told`(_ user: String, _ password: String) async throws {
        let url = try Server.encrypted.url
        let host = url.drop { $0 != "@" }.dropFirst()
        let login = password.isEmpty ? "" : "\(user):\(password)@"
        try await withRedisClient("rediss://\(login)\(host)", trusting: Server.encrypted.trusted) { client in
            let reason = await expectUnavailable { _ = try await client.send("GET", "key") }
            #expect(reason?.contains("refuses the login") == true)
            #expect(password.isEmpty || reason?.contains(password) == false)
            await #expect(throws: RedisLoginRefused.self) { try await client.checkLogin() }
        }
    }

    @Test func `a certificate of an unknown authority is refused`() async throws {
        try await withRedisClient(try Server.encrypted.url) { client in
            let reason = await expectUnavailable { _ = try await client.send("PING") }
            #expect(reason?.uppercased().contains("CERTIFICATE") == true)
        }
    }

    @Test func `a certificate for another host is refused`() async throws {
        // It names 127.0.0.1, and is shown at 127.0.0.2.
        try await Server.encrypted.withRelay(at: "127.0.0.2") { _, url in
            try await withRedisClient(url, trusting: Server.encrypted.trusted) { client in
                let reason = await expectUnavailable { _ = try await client.send("PING") }
                #expect(reason?.lowercased().contains("certificate") == true)
            }
        }
    }

    @Test func `a file of authorities that is missing is told`() async throws {
        try await withRedisClient(try Server.encrypted.url, trusting: "/no/such/file.pem") { client in
            await expectUnavailable { _ = try await client.send("PING") }
        }
    }

    @Test func `a URL that promises a cluster does not take a single server`() async throws {
        try await withRedisClient(try Server.single.url + "?cluster=1") { client in
            let reason = await expectUnavailable { _ = try await client.send("PING") }
            #expect(reason?.contains("no cluster") == true)
        }
    }

    @Test(arguments: [
        ("OOM", JobStoreError.full), ("READONLY", .unavailable(reason: "READONLY x")),
        ("LOADING", .unavailable(reason: "LOADING x")), ("CLUSTERDOWN", .unavailable(reason: "CLUSTERDOWN x")),
        ("MASTERDOWN", .unavailable(reason: "MASTERDOWN x")), ("TRYAGAIN", .unavailable(reason: "TRYAGAIN x")),
    ])
    func `what a server cannot do now is told apart from what it refuses`(_ code: String, _ error: JobStoreError) {
        #expect(RedisError(code: code, message: "x").meaning as? JobStoreError == error)
        let refusal = RedisError(code: "WRONGTYPE", message: "x")
        #expect(refusal.meaning as? RedisError == refusal)
    }
}

/// A web server, for instance.
private final class Refusing: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.channel.writeAndFlush(ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\n\r\n"), promise: nil)
    }
}
