import Dispatch
import Jobs
import NIOCore
import NIOPosix
import PostgreSQLBackend
import SQLBackend
import Synchronization
import TestServers
import Testing
import Threads

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct `A PostgreSQL server that fails` {
    @Test func `is given less than two seconds`() {
        #expect(SQLLimits().answer < .seconds(2))
        #expect(SQLLimits().connection < SQLLimits().answer)
    }

    private static let patience = Duration.seconds(6)

    @Test func `is unavailable in time where it never answers`() async throws {
        // The kernel takes the connections, and nobody the bytes.
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.autoRead, value: false).bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        let address = try PostgreSQLServer.address("postgresql://a:b@127.0.0.1:\(port)/c")
        let database = PostgreSQLDatabase(address, connections: 2, limits: .brief)
        try await withThrowingTaskGroup { group in
            for _ in 0..<10 {
                group.addTask {
                    await expectUnavailable(within: Self.patience) { try await database.read { _ = try $0.now } }
                }
            }
            try await group.waitForAll()
        }
        try await listener.close()
    }

    @Test func `is unavailable at once where nobody listens`() async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        try await listener.close()
        let address = try PostgreSQLServer.address("postgresql://a:b@127.0.0.1:\(port)/c")
        var patient = SQLLimits()
        (patient.answer, patient.connection) = (.seconds(60), .seconds(60))
        let database = PostgreSQLDatabase(address, limits: patient)
        await expectUnavailable(within: Self.patience) { try await database.read { _ = try $0.now } }
    }

    @Test(arguments: [true, false])
    func `is unavailable in time when it falls silent, and back when it speaks`(
        _ isWriting: Bool
    ) async throws {
        try await withPostgreSQL { _ in
            try await Relay.with(to: try PostgreSQLServer.port()) { relay in
                let database = PostgreSQLDatabase(
                    try PostgreSQLServer.address(try PostgreSQLServer.url(port: relay.port)), connections: 2,
                    limits: .brief)
                let ask: @Sendable () async throws -> Void = {
                    if isWriting {
                        try await database.write { _ = try $0.query("SELECT 1", with: []) }
                    } else {
                        try await database.read { _ = try $0.query("SELECT 1", with: []) }
                    }
                }
                // On a busy machine the first connection may take its time.
                try await persistently(ask)
                relay.isSilent = true
                for _ in 1...2 { await expectUnavailable(within: Self.patience, ask) }
                relay.isSilent = false
                try await persistently(ask)
            }
        }
    }

    @Test func `costs nobody an answer where it closed connections that were idle`() async throws {
        try await withPostgreSQL { address in
            let database = PostgreSQLDatabase(address, connections: 3)
            let pids = try await backends(of: database)
            try await terminate(pids)
            let others = try await backends(of: database)
            #expect(Set(others).isDisjoint(with: pids))
        }
    }

    @Test func `is not asked where the answer would come too late, which would cost the connection`() async throws {
        try await withPostgreSQL { address in
            let database = PostgreSQLDatabase(address, connections: 1)
            let pid = "SELECT pg_backend_pid()"
            let before = try await persistently { try await database.read { try $0.query(pid, with: []) } }
            let (gate, begun) = (DispatchSemaphore(value: 0), Flag())
            async let long: Void = database.read { _ in
                begun.raise()
                gate.wait()
            }
            while !begun.isRaised { await Task.yield() }
            async let late = expectUnavailable(within: Self.patience) {
                try await database.read { _ = try $0.query("SELECT pg_sleep(0.4)", with: []) }
            }
            // The connection is free a moment before the end of the time.
            try await Task.sleep(for: SQLLimits().answer - .milliseconds(50))
            gate.signal()
            _ = await late
            // By now it is late itself, with nothing said.
            _ = try? await long
            #expect(try await database.read { try $0.query(pid, with: []) } == before)
        }
    }

    @Test func `is asked only by who has time enough, where its answers have taken long of late`() async throws {
        try await withPostgreSQL { address in
            var limits = SQLLimits()
            (limits.answer, limits.connection, limits.statement) = (.seconds(1), .seconds(1), .seconds(1))
            let database = PostgreSQLDatabase(address, connections: 3, limits: limits)
            let ask: @Sendable () async throws -> Void = {
                _ = try await database.read { try $0.query("SELECT pg_sleep(0.4)", with: []) }
            }
            for _ in 0..<6 { try await askAtOnce(3, ask) }
            let before = try await backends(of: database)
            // Of ten that come at once, three have 600 ms left when it is their turn, and three 200.
            await withTaskGroup { group in
                for _ in 0..<10 { group.addTask { try? await ask() } }
            }
            #expect(Set(try await backends(of: database)) == Set(before))
        }
    }

    @Test func `is not given up where it keeps one waiting and answers others`() async throws {
        try await withPostgreSQL { address in
            var limits = SQLLimits.brief
            // The server does not give up by itself.
            limits.statement = .seconds(20)
            let database = PostgreSQLDatabase(address, connections: 2, limits: limits)
            let pid: @Sendable (any SQLConnection) throws -> [SQLRow] = {
                try $0.query("SELECT pg_backend_pid()", with: [])
            }
            try await persistently { _ = try await database.read(pid) }
            let begun = Flag()
            async let slow: String? = expectUnavailable(within: Self.patience) {
                try await database.read { connection in
                    begun.raise()
                    _ = try connection.query("SELECT pg_sleep(10)", with: [])
                }
            }
            while !begun.isRaised { await Task.yield() }
            try await Task.sleep(for: .milliseconds(50))
            let before = try await persistently { try await database.read(pid) }
            _ = await slow
            #expect(try await persistently { try await database.read(pid) } == before)
        }
    }

    @Test func `has a step run again that was cut off before its end`() async throws {
        try await withPostgreSQL { address in
            let database = PostgreSQLDatabase(address, connections: 1)
            _ = try await database.write { try $0.execute("CREATE TABLE numbers (number BIGINT)", with: []) }
            let runs = Counter()
            try await database.write { connection in
                _ = try connection.execute("INSERT INTO numbers VALUES (1)", with: [])
                guard runs.next() == 1 else { return }
                _ = try connection.query("SELECT pg_terminate_backend(pg_backend_pid())", with: [])
            }
            #expect(runs.count == 2)
            #expect(try await count(in: database) == 1)
        }
    }

    @Test func `leaves a step in doubt that was cut off while it was committed`() async throws {
        try await withPostgreSQL { address in
            let database = PostgreSQLDatabase(address, connections: 1)
            let runs = Counter()
            await expectUnavailable(within: Self.patience) {
                try await database.write { connection in
                    _ = runs.next()
                    try connection.executeLater(
                        SQLStatement(text: "SELECT pg_terminate_backend(pg_backend_pid())"))
                }
            }
            #expect(runs.count == 1)
        }
    }

    @Test func `leaves nothing of a step that throws`() async throws {
        try await withPostgreSQL { address in
            let database = PostgreSQLDatabase(address, connections: 1)
            _ = try await database.write { try $0.execute("CREATE TABLE numbers (number BIGINT)", with: []) }
            await #expect(throws: JobStoreError.unknown) {
                try await database.write { connection in
                    _ = try connection.execute("INSERT INTO numbers VALUES (1)", with: [])
                    throw JobStoreError.unknown
                }
            }
            await #expect(throws: SQLError.self) {
                try await database.write { connection in
                    _ = try connection.execute("INSERT INTO numbers VALUES (1)", with: [])
                    try connection.executeLater(SQLStatement(text: "INSERT INTO numbers VALUES (1 / 0)"))
                }
            }
            // A step that swallows an error has no transaction left to commit.
            await #expect(throws: JobStoreError.self) {
                try await database.write { connection in
                    _ = try connection.execute("INSERT INTO numbers VALUES (1)", with: [])
                    _ = try? connection.query("SELECT 1 / 0", with: [])
                }
            }
            #expect(try await count(in: database) == 0)
        }
    }

    @Test func `has a step run again that crossed another`() async throws {
        try await withPostgreSQL { address in
            let database = PostgreSQLDatabase(address, connections: 2, limits: .long)
            _ = try await database.write { connection in
                try connection.execute("CREATE TABLE numbers (number BIGINT PRIMARY KEY, count BIGINT)", with: [])
                _ = try connection.execute("INSERT INTO numbers VALUES (1, 0), (2, 0)", with: [])
            }
            let runs = Counter()
            try await withThrowingTaskGroup { group in
                for order: [Int64] in [[1, 2], [2, 1]] {
                    group.addTask {
                        try await database.write { connection in
                            let change = "UPDATE numbers SET count = count + 1 WHERE number = ?"
                            _ = try connection.execute(change, with: [.integer(order[0])])
                            _ = runs.next()
                            // Until the other has its first as well.
                            while runs.count < 2 { usleep(1000) }
                            _ = try connection.execute(change, with: [.integer(order[1])])
                        }
                    }
                }
                try await group.waitForAll()
            }
            // It may cross the other again.
            #expect(runs.count > 2)
            let counts = try await database.read { try $0.query("SELECT SUM(count)::bigint FROM numbers", with: []) }
            #expect(counts.first?.values == [.integer(4)])
        }
    }

    @Test func `is unavailable in time where a row stays locked`() async throws {
        try await withPostgreSQL { address in
            let database = PostgreSQLDatabase(address, connections: 2)
            _ = try await database.write { connection in
                try connection.execute("CREATE TABLE numbers (number BIGINT)", with: [])
                _ = try connection.execute("INSERT INTO numbers VALUES (1)", with: [])
            }
            let change: @Sendable (any SQLConnection) throws -> Void = {
                _ = try $0.execute("UPDATE numbers SET number = number + 1", with: [])
            }
            let (gate, begun) = (DispatchSemaphore(value: 0), Flag())
            async let held: Void = database.exclusively { connection in
                try change(connection)
                begun.raise()
                gate.wait()
            }
            while !begun.isRaised { await Task.yield() }
            let hasty = PostgreSQLDatabase(address, connections: 1, limits: .brief)
            await expectUnavailable(within: Self.patience) { try await hasty.write(change) }
            gate.signal()
            try await held
            try await database.write(change)
        }
    }
}

extension `A PostgreSQL server that fails` {
    /// The processes that serve a database's connections, all of which it opens at once.
    private func backends(of database: PostgreSQLDatabase) async throws -> [Int64] {
        try await withThrowingTaskGroup { group in
            for _ in 0..<3 {
                group.addTask {
                    try await database.read { try $0.query("SELECT pg_backend_pid(), pg_sleep(0.1)", with: []) }
                }
            }
            return try await group.reduce(into: []) { pids, rows in
                if case .integer(let pid)? = rows.first?.values.first { pids.append(pid) }
            }
        }
    }

    private func askAtOnce(_ count: Int, _ ask: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup { group in
            for _ in 0..<count { group.addTask { try await persistently(ask) } }
            try await group.waitForAll()
        }
    }

    private func terminate(_ pids: [Int64]) async throws {
        let server = try PostgreSQLServer.database()
        for pid in pids {
            _ = try await server.read {
                try $0.query("SELECT pg_terminate_backend(?::int, 1000)", with: [.integer(pid)])
            }
        }
    }

    private func count(in database: PostgreSQLDatabase) async throws -> Int64 {
        let rows = try await database.read { try $0.query("SELECT COUNT(*) FROM numbers", with: []) }
        guard case .integer(let count)? = rows.first?.values.first else { return -1 }
        return count
    }
}

/// Counts how often something ran.
private final class Counter: Sendable {
    private let state = Atomic(0)

    var count: Int { state.load(ordering: .sequentiallyConsistent) }

    func next() -> Int { state.add(1, ordering: .sequentiallyConsistent).newValue }
}
