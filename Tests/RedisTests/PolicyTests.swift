import Testing

@testable import RedisBackend

@Suite struct `Redis policy` {
    private static func info(
        version: String = "7.0.15", maxMemory: Int = 0, policy: String = "noeviction", aof: Int = 1
    ) -> String {
        """
        # Server\r\nredis_version:\(version)\r\nredis_mode:standalone\r\n\r\n# Memory\r\nmaxmemory:\(maxMemory)\r\n\
        maxmemory_human:0B\r\nmaxmemory_policy:\(policy)\r\n# Persistence\r\nloading:0\r\naof_enabled:\(aof)\r\n
        """
    }

    @Test(
        arguments: [
            (info(), nil), (info(maxMemory: 1 << 30), nil),
            // Without a limit nothing is ever evicted.
            (info(policy: "allkeys-lru"), nil), (info(version: "6.2.0"), nil), (info(version: "10.0.1"), nil),
            (
                info(maxMemory: 1 << 30, policy: "volatile-lru"),
                .evicts(policy: "volatile-lru", maxMemory: 1 << 30)
            ),
            (info(version: "6.0.16"), .tooOld(version: "6.0.16")), (info(version: "5.0.7"), .tooOld(version: "5.0.7")),
            ("", .tooOld(version: "unknown")),
        ] as [(String, RedisUnfit?)])
    func `a server that drops keys or is too old is refused`(_ info: String, _ refusal: RedisUnfit?) {
        var thrown: RedisUnfit?
        do throws(RedisUnfit) { try RedisPolicy(info: info).check() } catch { thrown = error }
        #expect(thrown == refusal)
    }

    @Test func `a server that keeps no file is a warning`() {
        #expect(RedisPolicy(info: Self.info(aof: 0)).warning?.contains("appendonly") == true)
        #expect(RedisPolicy(info: Self.info(aof: 1)).warning == nil)
    }

    @Test(arguments: Server.allCases)
    func `a real server says what it is`(_ server: Server) async throws {
        try await server.withClient { client in
            let policy = try await RedisPolicy.read(from: client)
            let configured = try await client.send("CONFIG", "GET", "appendonly").array?.last?.string
            #expect(policy.isAppendOnly == (configured == "yes"))
            #expect(policy.evictionPolicy == "noeviction")
            try policy.check()
        }
    }
}
