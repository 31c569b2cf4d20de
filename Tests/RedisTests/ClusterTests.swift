import TestServers
import Testing

@testable import RedisBackend

@Suite(.serialized) struct `Redis cluster` {
    /// Clients that enter at each of the primaries.
    private func withNodes(_ body: ([RedisClient]) async throws -> Void) async throws {
        let entry = RedisClient(try RedisEndpoint(url: Server.cluster.url))
        let slots = try await entry.send("CLUSTER", "SLOTS").array ?? []
        await entry.close()
        let addresses = RedisConnector.nodes(in: slots, toldBy: entry.endpoint.address)
        try #require(addresses.count >= 3)
        let nodes = try addresses.map { RedisClient(try RedisEndpoint(url: "redis://\($0)?cluster=1")) }
        try await body(nodes)
        for node in nodes { await node.close() }
    }

    @Test func `every key is found, whichever node is entered at`() async throws {
        try await withNodes { nodes in
            for _ in 0..<20 {
                let key = RedisArgument(freshKey())
                for (number, node) in nodes.enumerated() {
                    _ = try await node.send("SET", key, .init(number), "EX", 60)
                    for other in nodes { #expect(try await other.send("GET", key).int == number) }
                }
            }
        }
    }

    @Test func `commands sent in one go and scripts are redirected too`() async throws {
        try await withNodes { nodes in
            for _ in 0..<5 {
                let key = freshKey()
                for node in nodes {
                    let commands: [[RedisArgument]] = [
                        ["SET", .init(key), 0], ["LPOP", .init(key)], ["INCR", .init(key)],
                    ]
                    let answers = try await node.send(all: commands)
                    #expect(answers.first?.string == "OK" && answers.last?.int == 1)
                    guard case .failure(let error) = answers.dropFirst().first else {
                        Issue.record("a number was taken for a list")
                        continue
                    }
                    #expect(error.code == "WRONGTYPE")
                    let script = RedisScript("return redis.call('INCR', KEYS[1])")
                    #expect(try await node.run(script, keys: [key]).int == 2)
                }
                _ = try await nodes[0].send("DEL", .init(key))
            }
        }
    }

    @Test func `a key on its way to another node is asked for there`() async throws {
        try await withNodes { nodes in
            let key = freshKey()
            let slot = RedisArgument(try #require(try await nodes[0].send("CLUSTER", "KEYSLOT", .init(key)).int))
            // The node whose own answer is no redirection has the slot.
            var owner = nodes[0]
            for node in nodes where try await node.send("CLUSTER", "COUNTKEYSINSLOT", slot).int != nil {
                let lines = try await node.send("CLUSTER", "SLOTS").array ?? []
                let number = slot.text
                for line in lines.compactMap(\.array) {
                    guard let first = line[0].int, let last = line[1].int, let wanted = Int(number),
                        (first...last).contains(wanted), line[2].array?[1].int == node.endpoint.port
                    else { continue }
                    owner = node
                }
            }
            let heir = try #require(nodes.first { $0 !== owner })
            let ownerID = RedisArgument(try #require(try await owner.send("CLUSTER", "MYID").string))
            let heirID = RedisArgument(try #require(try await heir.send("CLUSTER", "MYID").string))
            _ = try await heir.send("CLUSTER", "SETSLOT", slot, "IMPORTING", ownerID)
            _ = try await owner.send("CLUSTER", "SETSLOT", slot, "MIGRATING", heirID)

            for node in nodes {
                #expect(try await node.send("SET", .init(key), "moving", "EX", 60).string == "OK")
                #expect(try await node.send("GET", .init(key)).string == "moving")
                #expect(try await node.send(all: [["GET", .init(key)], ["DEL", .init(key)]]).last == .integer(1))
            }

            for node in nodes { _ = try await node.send("CLUSTER", "SETSLOT", slot, "NODE", ownerID) }
            #expect(try await heir.send("SET", .init(key), "stayed", "EX", 60).string == "OK")
            #expect(try await owner.send("GET", .init(key)).string == "stayed")
        }
    }

    @Test func `when the node of the URL dies, the others are asked`() async throws {
        try await Server.cluster.withRelay { relay, url in
            try await withRedisClient(url) { client in
                _ = try await client.send("PING")
                try await relay.close()
                for _ in 0..<10 {
                    let key = RedisArgument(freshKey())
                    let answer = try await persistently(within: .seconds(2)) {
                        try await client.send("SET", key, "still there", "EX", 60)
                    }
                    #expect(answer.string == "OK")
                }
            }
        }
    }

    @Test func `what was learnt of a node is forgotten when it fails`() {
        func address(_ port: Int) -> RedisAddress { RedisAddress(host: "127.0.0.1", port: port) }
        var routes = RedisRoutes(entry: address(1))
        routes.learn(address(2), of: "{tag}:key")
        #expect(routes.address(for: "{tag}:other") == address(2))
        #expect(routes.address(for: "{else}") == address(1))
        routes.distrust(address(2))
        #expect(routes.address(for: "{tag}:other") == address(1))
        routes.distrust(address(1))
        #expect(routes.address(for: nil) == address(1))
    }
}
