import CSQLite
import Jobs
import SQLBackend

/// Owns one connection and its prepared statements. One thread at a time may use it.
///
/// SQLite's own interface, not a wrapper of it: GRDB would bring all of Foundation (44 MB) into the image, and a second
/// way of writing SQL beside the one that PostgreSQL and MySQL share.
@safe final class SQLiteConnection: SQLConnection {
    private let handle: OpaquePointer
    private let clock: @Sendable () -> Timestamp
    private var statements: [String: SQLiteStatement] = [:]

    var dialect: SQLDialect { .sqlite }

    /// - Parameter clock: the store's. Processes that share a file share their host's clock.
    /// - Parameter isSynced: whether a commit waits for the disk.
    init(
        path: String, isReader: Bool = false, isSynced: Bool, clock: @escaping @Sendable () -> Timestamp
    ) throws {
        _ = Self.library
        var opened: OpaquePointer?
        // No mutex: our own use is serial. A reader is opened for writing too, as a WAL file asks of the one who recovers it.
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let handle = unsafe opened else {
            let failure = unsafe SQLiteFailure(code: code, of: opened, in: path)
            unsafe sqlite3_close_v2(opened)
            throw failure.error
        }
        unsafe self.handle = handle
        self.clock = clock
        unsafe sqlite3_busy_timeout(handle, Self.busyMilliseconds)
        try configure(isReader: isReader, isSynced: isSynced)
    }

    deinit {
        statements.removeAll()
        unsafe sqlite3_close_v2(handle)
    }

    var now: Timestamp { clock() }

    /// Whether a transaction is open: some errors end it on SQLite's own initiative.
    var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

    /// Rows that were ever changed.
    var changeCount: Int64 { unsafe sqlite3_total_changes64(handle) }

    @discardableResult
    func execute(_ statement: String, with values: [SQLValue]) throws -> Int {
        _ = try query(statement, with: values)
        return Int(unsafe sqlite3_changes64(handle))
    }

    func query(_ statement: String, with values: [SQLValue]) throws -> [SQLRow] {
        let prepared = try prepared(statement)
        defer { prepared.reset() }
        try check(prepared.bind(values, clock: clock), statement)
        var rows: [SQLRow] = []
        while true {
            switch prepared.step() {
            case SQLITE_ROW: rows.append(prepared.row)
            case SQLITE_DONE: return rows
            case let code: throw unsafe SQLiteFailure(code: code, of: handle, in: statement).error
            }
        }
    }

    /// The texts are the program's own and few, so that all stay prepared.
    private func prepared(_ text: String) throws -> SQLiteStatement {
        if let known = statements[text] { return known }
        var prepared: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(handle, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let prepared = unsafe prepared else {
            throw unsafe SQLiteFailure(code: code, of: handle, in: text).error
        }
        let statement = unsafe SQLiteStatement(owning: prepared)
        statements[text] = statement
        return statement
    }

    private func check(_ code: CInt, _ statement: String) throws {
        guard code == SQLITE_OK else { throw unsafe SQLiteFailure(code: code, of: handle, in: statement).error }
    }
}

extension SQLiteConnection {
    /// Set once in a process, before the first connection; a library that refuses is merely slower.
    private static let library = csqlite_disable_memory_statistics()

    /// How long another process may hold the file before ours gives up: an answer is due within two seconds.
    private static let busyMilliseconds: CInt = 1000

    private func configure(isReader: Bool, isSynced: Bool) throws {
        let settings = [
            "journal_mode = WAL",
            // FULL: a commit is on the disk before it is answered; committing in groups pays for it. NORMAL: the system has
            // it, which the death of the process does not undo, and a power cut undoes the last commits, whole.
            "synchronous = \(isSynced ? "FULL" : "NORMAL")",
            "foreign_keys = ON",
            "temp_store = MEMORY",
            // Debian's build overwrites what is deleted.
            "secure_delete = OFF",
            // In KiB where negative.
            isReader ? "cache_size = -2000" : "cache_size = -16000",
            // Pages; the file is written over and over, which is twice as fast as letting it grow.
            "wal_autocheckpoint = 4000",
            "query_only = \(isReader ? "ON" : "OFF")",
        ]
        for setting in settings { _ = try query("PRAGMA \(setting)", with: []) }
    }
}

extension SQLDialect {
    /// One writer at a time holds the whole file, so that there are no rows to lock.
    static var sqlite: SQLDialect {
        var dialect = SQLDialect()
        dialect.hasPartialIndexes = true
        return dialect
    }
}
