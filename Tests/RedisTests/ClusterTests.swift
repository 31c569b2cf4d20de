import Jobs
import NIOCore
import NIOPosix
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

    /// A slot that is on its way from one node to another.
    private struct Move: Sendable {
        let slot: RedisArgument
        let owner: RedisClient
        let heir: RedisClient
        let nodes: [RedisClient]

        func carry(_ key: String) async throws {
            let place = heir.endpoint
            let answer = try await owner.send("MIGRATE", .init(place.host), .init(place.port), .init(key), 0, 5000)
            #expect(answer.string == "OK")
        }

        /// Gives the slot to a node for good.
        func settle(at node: RedisClient) async throws {
            let id = RedisArgument(try #require(try await node.send("CLUSTER", "MYID").string))
            for node in [heir] + nodes.filter({ $0 !== heir }) {
                _ = try await node.send("CLUSTER", "SETSLOT", slot, "NODE", id)
            }
        }
    }

    /// Has the slot of a key be on its way for the time of `body`; then it is its owner's again.
    private func withMove(of key: String, _ body: (Move) async throws -> Void) async throws {
        try await withNodes { nodes in
            let slot = try #require(try await nodes[0].send("CLUSTER", "KEYSLOT", .init(key)).int)
            let ranges = (try await nodes[0].send("CLUSTER", "SLOTS").array ?? []).compactMap(\.array)
            let range = try #require(
                ranges.first { ($0[0].int ?? 0) <= slot && slot <= ($0[1].int ?? 0) })
            let owner = try #require(nodes.first { $0.endpoint.port == range[2].array?[1].int })
            let heir = try #require(nodes.first { $0 !== owner })
            let move = Move(slot: .init(slot), owner: owner, heir: heir, nodes: nodes)
            let ids = (try await owner.send("CLUSTER", "MYID").string, try await heir.send("CLUSTER", "MYID").string)
            _ = try await heir.send("CLUSTER", "SETSLOT", move.slot, "IMPORTING", .init(try #require(ids.0)))
            _ = try await owner.send("CLUSTER", "SETSLOT", move.slot, "MIGRATING", .init(try #require(ids.1)))
            do {
                try await body(move)
            } catch {
                try? await move.settle(at: owner)
                throw error
            }
            try await move.settle(at: owner)
        }
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
        let key = freshKey()
        try await withMove(of: key) { move in
            for node in move.nodes {
                #expect(try await node.send("SET", .init(key), "moving", "EX", 60).string == "OK")
                #expect(try await node.send("GET", .init(key)).string == "moving")
                #expect(try await node.send(all: [["GET", .init(key)], ["DEL", .init(key)]]).last == .integer(1))
            }
            try await move.settle(at: move.owner)
            #expect(try await move.heir.send("SET", .init(key), "stayed", "EX", 60).string == "OK")
            #expect(try await move.owner.send("GET", .init(key)).string == "stayed")
        }
    }

    @Test(arguments: [true, false])
    func `a store on its way to another node takes no step before all of it is there`(
        isVersionFirst: Bool
    ) async throws {
        try await Server.cluster.withClient { client in
            let name = "test-\(UInt64.random(in: 0 ... .max))"
            let store = try await RedisJobStore(client, name: name)
            let worker = WorkerPresence(
                id: WorkerID(), host: "here", slots: 2, busy: 1, version: "1", seenAt: .now)
            try await store.announce(worker)
            try await withMove(of: "{\(name)}:schema") { move in
                func expectRefusals() async {
                    await expectUnavailable { try await store.announce(worker) }
                    await expectUnavailable { _ = try await store.workers(seenWithin: .seconds(60)) }
                }
                await expectRefusals()
                let found = try await move.owner.send("CLUSTER", "GETKEYSINSLOT", move.slot, 100).array ?? []
                let keys = found.compactMap(\.string).filter { $0.contains(name) }
                #expect(keys.count == 3)
                let (version, others) = (
                    keys.filter { $0.hasSuffix("schema") }, keys.filter { !$0.hasSuffix("schema") }
                )
                for key in isVersionFirst ? version + others : others + version {
                    try await move.carry(key)
                    await expectRefusals()
                }
                try await move.settle(at: move.heir)
                #expect(try await store.workers(seenWithin: .seconds(60)).map(\.id) == [worker.id])
                for key in keys { _ = try await client.send("DEL", .init(key)) }
            }
        }
    }

    @Test func `a command that came late to a node does not cost others their connection`() async throws {
        let endpoint = try Server.single.endpoint
        let node = RedisNode(
            endpoint.address, connector: RedisConnector(endpoint, timeout: .seconds(5), rootCertificates: nil),
            on: MultiThreadedEventLoopGroup.singleton.next())
        func connectionID() async throws -> [RedisValue] {
            try await node.send([RedisCommand(["CLIENT", "ID"])], by: .now() + .seconds(5))
        }
        let id = try await connectionID()
        await expectUnavailable(within: .milliseconds(100)) {
            _ = try await node.send(
                [RedisCommand(["BLPOP", .init(freshKey()), "0.5"])], by: .now() + .milliseconds(50))
        }
        #expect(try await connectionID() == id)
        await node.close()
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
