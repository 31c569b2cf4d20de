import Jobs
import MySQLBackend
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

@Suite struct `A MySQL server that goes away` {
    @Test func `is unavailable within two seconds while it swallows everything, and there again afterwards`()
        async throws
    {
        try await withRelay(limits: .brief) { database, relay in
            try await database.run("CREATE TABLE kept (id INTEGER PRIMARY KEY)")
            // So that there are connections in the middle of their lives, and fewer of them than steps.
            for _ in 0..<4 { try await persistently { _ = try await database.value("SELECT 1") } }
            relay.isSilent = true
            let clock = ContinuousClock()
            try await withThrowingTaskGroup { group in
                for number in 0..<20 {
                    group.addTask {
                        let elapsed = await clock.measure {
                            await #expect(throws: JobStoreError.self) {
                                if number.isMultiple(of: 2) {
                                    _ = try await database.value("SELECT 1")
                                } else {
                                    try await database.insert(number)
                                }
                            }
                        }
                        #expect(elapsed < .seconds(2))
                    }
                }
                try await group.waitForAll()
            }
            relay.isSilent = false
            relay.cut()
            // The connections that were being opened meanwhile fail a little later than their callers.
            try await persistently(within: .seconds(5)) { try await database.insert(1000) }
            #expect(try await database.value("SELECT COUNT(*) FROM kept") == .integer(1))
        }
    }

    @Test func `is not missed where it closed connections that nobody was using`() async throws {
        try await withRelay { database, relay in
            for _ in 0..<5 {
                _ = try await database.value("SELECT 1")
                relay.cut()
                try await database.write { _ = try $0.execute("DO 1", with: []) }
                relay.cut()
                // Once the end has come: a change that was asked for before that is in doubt.
                try await Task.sleep(for: .milliseconds(20))
                try await database.update { _ = try $0.execute("DO 1", with: []) }
                relay.cut()
            }
        }
    }

    @Test func `is not asked over a connection that it has closed, where the question could not be repeated`()
        async throws
    {
        try await MySQLServer.withDatabase { address in
            let database = MySQLDatabase(address, connections: 1)
            let administration = MySQLDatabase(address, connections: 1, limits: .long)
            for _ in 0..<3 {
                let id = try #require(try await database.value("SELECT CONNECTION_ID()"))
                _ = try await administration.write { try $0.execute("KILL ?", with: [id]) }
                let count = "SELECT COUNT(*) FROM information_schema.processlist WHERE id = ?"
                while try await administration.value(count, [id]) != .integer(0) { await Task.yield() }
                try await database.update { _ = try $0.execute("DO 1", with: []) }
            }
        }
    }

    @Test func `has the step run again where it closed the connection in its middle, and keeps one outcome`()
        async throws
    {
        try await MySQLServer.withDatabase { address in
            let database = MySQLDatabase(address, connections: 2)
            try await database.run("CREATE TABLE kept (id BIGINT PRIMARY KEY)")
            let administration = MySQLDatabase(address)
            let runs = Mutex(0)
            let killed = Mutex<[SQLValue]>([])
            try await database.write { connection in
                let number = runs.withLock { count in
                    count += 1
                    return count
                }
                try connection.execute("INSERT INTO kept VALUES (?)", with: [.integer(Int64(number))])
                guard number == 1 else { return }
                let id = try connection.query("SELECT CONNECTION_ID()", with: [])[0].values
                killed.withLock { $0 = id }
                // The connection ends itself: the statement's answer never comes.
                try connection.execute("KILL ?", with: id)
                try connection.execute("DO 1", with: [])
            }
            #expect(runs.withLock { $0 } == 2)
            #expect(try await administration.value("SELECT MIN(id) FROM kept") == .integer(2))
            #expect(try await administration.value("SELECT COUNT(*) FROM kept") == .integer(1))
        }
    }

    @Test func `leaves a step in doubt that was cut off while it was committed`() async throws {
        try await MySQLServer.withDatabase { address in
            let database = MySQLDatabase(address, connections: 1)
            let runs = Mutex(0)
            await expectUnavailable {
                try await database.write { connection in
                    runs.withLock { $0 += 1 }
                    let id = try connection.query("SELECT CONNECTION_ID()", with: [])[0].values
                    try connection.executeLater(SQLStatement(text: "KILL ?", values: id))
                }
            }
            #expect(runs.withLock { $0 } == 1)
        }
    }

    @Test func `is not waited for beyond the limit, whatever holds up the step`() async throws {
        try await MySQLServer.withDatabase { address in
            let database = MySQLDatabase(address, connections: 1, limits: .brief)
            try await persistently { _ = try await database.value("SELECT 1") }
            await expectUnavailable(within: .seconds(2)) { try await database.read { _ in _ = usleep(3_000_000) } }
        }
    }

    @Test func `is unavailable at once where nobody listens`() async throws {
        var address = try MySQLServer.address()
        address.port = 1
        var patient = SQLLimits()
        (patient.answer, patient.connection) = (.seconds(60), .seconds(60))
        let database = MySQLDatabase(address, limits: patient)
        await expectUnavailable(within: .seconds(6)) { _ = try await database.value("SELECT 1") }
    }

    /// They may change while the process runs, which is then nobody's fault who asks it for something.
    @Test func `is unavailable, and says why, where it does not know the password or the database`() async throws {
        var stranger = try MySQLServer.address()
        stranger.password = "wrong"
        var lost = try MySQLServer.address()
        lost.database = "test_nowhere"
        for (address, code) in [(stranger, 1045), (lost, 1049)] {
            let reason = await expectUnavailable(within: .seconds(10)) {
                _ = try await MySQLDatabase(address).value("SELECT 1")
            }
            #expect(reason?.contains("MySQL \(code)") == true)
        }
    }

    @Test func `is unavailable in time where a row stays locked, and runs the step when it is free`() async throws {
        try await MySQLServer.withDatabase { address in
            let database = MySQLDatabase(address, connections: 2, limits: .brief)
            try await database.run("CREATE TABLE kept (id INTEGER PRIMARY KEY)")
            try await persistently { try await database.insert(1) }
            let (begun, isOver) = (Flag(), Flag())
            async let held: Void = database.exclusively { connection in
                try connection.execute("BEGIN", with: [])
                try connection.execute("UPDATE kept SET id = id + 1", with: [])
                begun.raise()
                while !isOver.isRaised { usleep(1000) }
                try connection.execute("COMMIT", with: [])
            }
            while !begun.isRaised { await Task.yield() }
            let elapsed = await ContinuousClock().measure {
                await #expect(throws: JobStoreError.self) {
                    try await database.write { _ = try $0.execute("UPDATE kept SET id = id + 1", with: []) }
                }
            }
            #expect(elapsed < .seconds(2))
            isOver.raise()
            try await held
            try await persistently {
                try await database.write { _ = try $0.execute("UPDATE kept SET id = id + 1", with: []) }
            }
            #expect(try await database.value("SELECT id FROM kept") == .integer(3))
        }
    }

    @Test func `keeps its connection where a step throws`() async throws {
        try await MySQLServer.withDatabase { address in
            let database = MySQLDatabase(address, connections: 1, limits: .long)
            let id = try #require(try await database.value("SELECT CONNECTION_ID()"))
            await #expect(throws: JobStoreError.unknown) {
                try await database.write { connection in
                    try connection.execute("DO 1", with: [])
                    throw JobStoreError.unknown
                }
            }
            await #expect(throws: SQLError.self) {
                try await database.write { _ = try $0.execute("INSERT INTO nothing VALUES (1)", with: []) }
            }
            #expect(try await database.value("SELECT CONNECTION_ID()") == id)
        }
    }

    private func withRelay(
        limits: SQLLimits = SQLLimits(), _ body: (MySQLDatabase, Relay) async throws -> Void
    ) async throws {
        try await MySQLServer.withDatabase { address in
            try await Relay.with(to: address.port) { relay in
                var detour = address
                detour.port = relay.port
                try await body(MySQLDatabase(detour, connections: 4, limits: limits), relay)
            }
        }
    }
}

extension MySQLDatabase {
    fileprivate func insert(_ number: Int) async throws {
        try await write { _ = try $0.execute("INSERT INTO kept VALUES (?)", with: [.integer(Int64(number))]) }
    }
}
