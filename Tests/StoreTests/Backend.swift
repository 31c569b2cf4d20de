import Jobs
import MySQLBackend
import PostgreSQLBackend
import SQLBackend
import SQLiteBackend
import SystemPackage
import Testing

/// The job stores there are; every promise of the protocol is tested on each.
enum Backend: CaseIterable, Sendable {
    case sqlite
    case postgresql
    case mysql
    case redis
    case redisCluster

    /// Lends an empty store, and checks afterwards that every blob is counted as often as something refers to it.
    func withStore(_ body: (Scene) async throws -> Void) async throws {
        let clock = TestClock()
        switch self {
        case .sqlite:
            try await withTemporaryFolder { folder in
                let database = try await SQLiteDatabase(path: folder.appending("store.db").string) { clock.now }
                try await run(body, on: database, clock)
            }
        case .postgresql:
            try await withPostgreSQL { address in
                try await run(body, on: PostgreSQLDatabase(address, connections: 4, limits: .long) { clock.now }, clock)
            }
        case .mysql:
            try await MySQLServer.withEmptyTables { address in
                try await run(body, on: MySQLDatabase(address, connections: 4, limits: .long) { clock.now }, clock)
            }
        case .redis: try await withRedisStore("TEST_REDIS_URL", clock, body)
        case .redisCluster: try await withRedisStore("TEST_REDIS_CLUSTER_URL", clock, body)
        }
    }

    private func run(
        _ body: (Scene) async throws -> Void, on database: some SQLDatabase, _ clock: TestClock
    ) async throws {
        try await body(Scene(store: try await SQLJobStore(database), clock: clock))
        try await expectCountsToAddUp(in: database)
    }
}

/// Compares each blob's count with the rows that refer to it.
func expectCountsToAddUp(in database: some SQLDatabase) async throws {
    let wrong = try await database.read { connection in
        try connection.query(
            """
            WITH uses (blob_key) AS (
                SELECT blob_key FROM files
                UNION ALL SELECT source_key FROM jobs
                    WHERE state IN ('queued', 'processing') AND source_key IS NOT NULL
                UNION ALL SELECT result_key FROM jobs WHERE state = 'done'
                UNION ALL SELECT blob_key FROM results
            ), counts (blob_key, found) AS (SELECT blob_key, COUNT(*) FROM uses GROUP BY blob_key)
            SELECT blobs.blob_key FROM blobs LEFT JOIN counts ON counts.blob_key = blobs.blob_key
                WHERE COALESCE(found, 0) <> refs OR refs = 0
            UNION ALL SELECT blob_key FROM counts WHERE blob_key NOT IN (SELECT blob_key FROM blobs)
            UNION ALL SELECT blob_key FROM doomed_blobs WHERE blob_key IN (SELECT blob_key FROM blobs)
            """, with: [])
    }
    #expect(wrong.isEmpty)
}

extension SQLLimits {
    /// For tests that are not of time: the machine may be busy.
    static let long: SQLLimits = {
        var limits = SQLLimits()
        (limits.answer, limits.connection, limits.statement) = (.seconds(20), .seconds(20), .seconds(18))
        limits.idleTransaction = .seconds(20)
        // A server that stands still fails a test, and does not keep it for an hour.
        limits.exclusive = .seconds(60)
        return limits
    }()

    /// For tests of what is too late: with what the tests beside them take, an answer is still soon.
    static let brief: SQLLimits = {
        var limits = SQLLimits()
        (limits.answer, limits.connection, limits.statement) = (
            .milliseconds(450), .milliseconds(375), .milliseconds(400)
        )
        return limits
    }()
}
