import CMySQL
import Jobs
import SQLBackend

/// One session on the server, with its prepared statements. One thread at a time may use it.
///
/// What it throws are ``MySQLFailure``s, which the pool looks into before it passes them on.
final class MySQLConnection: SQLConnection {
    private let handle: MySQLHandle
    private let clock: (@Sendable () -> Timestamp)?
    private var statements: [MySQLStatementText: MySQLStatement] = [:]
    /// The time of the transaction, or of a step without one that has asked.
    private var time: Timestamp?
    private var isInTransaction = false

    private var isBroken = false
    /// Whether it may be used again.
    var isUsable: Bool { !isBroken && handle.isQuiet }

    var dialect: SQLDialect { .mysql }

    /// - Parameter clock: instead of the server's, in tests.
    /// - Throws: ``MySQLFailure`` or ``UnsuitableServer``.
    init(to address: MySQLAddress, patience: MySQLPatience, clock: (@Sendable () -> Timestamp)?) throws {
        handle = try MySQLHandle(to: address, patience: patience)
        self.clock = clock
        let version = handle.serverVersion
        guard version.number >= (version.isMariaDB ? 10_06_00 : 8_00_01) else { throw UnsuitableServer(version) }
        try handle.run(Self.settings)
        if let limit = patience.statement {
            try handle.run(Self.limits(isMariaDB: version.isMariaDB, statement: limit))
        }
    }

    var now: Timestamp {
        get throws { try clock?() ?? time ?? readClock(with: Self.clockStatement) }
    }

    @discardableResult
    func execute(_ statement: String, with values: [SQLValue]) throws -> Int {
        try run(statement, values).count
    }

    func query(_ statement: String, with values: [SQLValue]) throws -> [SQLRow] {
        try run(statement, values).rows
    }

    /// All or none, where the step has no transaction of its own.
    func execute(each statements: [SQLStatement]) throws -> [Int] {
        if statements.count > 1, !isInTransaction { return try write { try $0.execute(each: statements) } }
        return try statements.map { try execute($0.text, with: $0.values) }
    }

    private func run(_ statement: String, _ values: [SQLValue]) throws -> (rows: [SQLRow], count: Int) {
        // Where the time is known it is a number like others; else the server is to add its own.
        let time = clock?() ?? time
        let text = MySQLStatementText(
            statement, clocks: time == nil ? values.indices.filter { values[$0].isClock } : [])
        return try watching { try prepared(text).run(with: values.map { $0.adding(time) }) }
    }

    /// The texts are the program's own and few, so that all stay prepared.
    private func prepared(_ text: MySQLStatementText) throws -> MySQLStatement {
        if let known = statements[text] { return known }
        let statement = try handle.prepare(text.withClock(Self.clockExpression))
        statements[text] = statement
        return statement
    }

    /// Notices when the connection must not be used again.
    private func watching<R>(_ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch let failure as MySQLFailure {
            if failure.isConnectionLost { isBroken = true }
            throw failure
        }
    }
}

extension MySQLConnection {
    /// Runs a step in a transaction, which is given up where its end comes too late for anybody to hear of it.
    /// - Throws: ``CommitInDoubt``, besides the others.
    func write<R>(
        by deadline: ContinuousClock.Instant? = nil, _ step: (any SQLConnection) throws -> R
    ) throws -> R {
        isInTransaction = true
        defer { (isInTransaction, time) = (false, nil) }
        do {
            // One round trip for both.
            try readClock(with: "START TRANSACTION; \(Self.clockStatement)")
            let result = try step(self)
            if let deadline, deadline <= .now { throw MySQLPool.lateness }
            try doubting { _ = try watching { try handle.run("COMMIT") } }
            return result
        } catch {
            if !isBroken { rollBack() }
            throw error
        }
    }

    /// What cannot be rolled back ends with the connection.
    private func rollBack() {
        do { try handle.run("ROLLBACK") } catch { isBroken = true }
    }

    /// Runs a step that changes something with one statement, or one list of them.
    /// - Throws: ``CommitInDoubt``, besides the others.
    func update<R>(_ step: (any SQLConnection) throws -> R) throws -> R {
        defer { time = nil }
        return try doubting { try step(self) }
    }

    /// Runs a step that only reads, its statements each by itself: at READ COMMITTED a transaction would see no more.
    func read<R>(_ step: (any SQLConnection) throws -> R) throws -> R {
        defer { time = nil }
        return try step(self)
    }

    /// Runs a step that changes tables, which no transaction holds together, while nobody else runs one.
    func migrate<R>(_ step: (any SQLConnection) throws -> R) throws -> R {
        let lock = "LEFT(CONCAT('tintype ', DATABASE()), 64)"
        guard try query("SELECT GET_LOCK(\(lock), ?)", with: [.integer(60)]) == [SQLRow([.integer(1)])] else {
            throw JobStoreError.unavailable(reason: "another process is changing the tables")
        }
        // Where this fails, the lock ends with the connection.
        defer { _ = try? query("SELECT RELEASE_LOCK(\(lock))", with: []) }
        return try step(MySQLMigration(connection: self))
    }

    /// Says so where it cannot be known whether a change was committed.
    private func doubting<R>(_ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch let failure as MySQLFailure where failure.isConnectionLost {
            throw CommitInDoubt(failure: failure)
        }
    }

    @discardableResult
    private func readClock(with statements: String) throws -> Timestamp {
        guard let milliseconds = try watching({ try handle.run(statements) }).flatMap({ Int64($0) }) else {
            throw MySQLFailure(code: ER_WRONG_VALUE, message: "the clock cannot be read", statement: statements)
        }
        let now = Timestamp(milliseconds: milliseconds)
        time = now
        return now
    }

    /// Milliseconds since 1970.
    private static let clockExpression = "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)"
    private static let clockStatement = "SELECT \(clockExpression)"

    /// What the statements rely on, whatever the server's own settings.
    private static let settings = """
        SET NAMES utf8mb4 COLLATE utf8mb4_bin;
        SET SESSION sql_mode = 'ANSI,STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES,NO_ENGINE_SUBSTITUTION',
            time_zone = '+00:00', autocommit = 1, foreign_key_checks = 1, unique_checks = 1,
            innodb_lock_wait_timeout = 1, lock_wait_timeout = 2, wait_timeout = \(secondsKept);
        SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED
        """

    /// Lets the server give up, too, when nobody waits any more.
    private static func limits(isMariaDB: Bool, statement: Duration) -> String {
        // Of all statements in seconds; of those that read in milliseconds.
        isMariaDB
            ? "SET SESSION max_statement_time = \(statement.seconds), idle_transaction_timeout = 5"
            : "SET SESSION max_execution_time = \(statement.milliseconds)"
    }

    /// How long the server keeps an idle connection, in seconds. One whose client's host has died in mid-transaction holds
    /// its locks for as long.
    static let secondsKept = 30
}

/// The connection was lost while the server changed something, or was about to.
struct CommitInDoubt: Error {
    let failure: MySQLFailure
}

/// The server lacks what the store's statements need.
package struct UnsuitableServer: Error, Hashable, CustomStringConvertible {
    /// 101119 stands for 10.11.19.
    let version: Int
    let isMariaDB: Bool

    init(_ version: (number: Int, isMariaDB: Bool)) {
        self.version = version.number
        self.isMariaDB = version.isMariaDB
    }

    package var description: String {
        let text = "\(version / 10000).\(version / 100 % 100).\(version % 100)"
        return
            "\(isMariaDB ? "MariaDB" : "MySQL") \(text) cannot skip locked rows; needed is MySQL 8.0.1 or MariaDB 10.6"
    }
}
