import CMySQL
import Jobs
import SQLBackend

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Owns the library's side of one connection, closed once. One thread at a time may use it.
///
/// What it throws are ``MySQLFailure``s.
@safe final class MySQLLink: SQLLink {
    private let handle: UnsafeMutablePointer<MYSQL>
    private let clock: (@Sendable () -> Timestamp)?

    let dialect = SQLDialect.mysql

    /// - Parameter clock: instead of the server's, in tests.
    /// - Throws: ``MySQLFailure`` or ``UnsuitableServer``.
    init(to address: MySQLAddress, limits: SQLLimits, clock: (@Sendable () -> Timestamp)?) throws {
        guard Self.isLibraryReady, let handle = unsafe mysql_init(nil) else {
            throw MySQLFailure(code: ER_OUT_OF_RESOURCES, message: "no memory for a connection", statement: "connect")
        }
        unsafe self.handle = handle
        self.clock = clock
        setTimeouts(limits)
        setSecurity(address)
        // The name `localhost` would mean a socket in the file system, where one is not asked for by its path.
        var transport = address.socket == nil ? MYSQL_PROTOCOL_TCP.rawValue : MYSQL_PROTOCOL_SOCKET.rawValue
        unsafe mysql_options(handle, MYSQL_OPT_PROTOCOL, &transport)
        unsafe mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4")
        let connected = unsafe mysql_real_connect(
            handle, address.host, address.user, address.password, address.database, UInt32(address.port),
            address.socket, UInt(CLIENT_FOUND_ROWS) | UInt(CLIENT_MULTI_STATEMENTS))
        guard unsafe connected != nil else { throw failure(in: "connect") }
        // This version of the library goes on in clear text where the server has no TLS, even if it is to be enforced.
        if address.tls.isRequired, unsafe mysql_get_ssl_cipher(handle) == nil {
            throw MySQLFailure(
                code: CR_SSL_CONNECTION_ERROR, message: "the server does not offer TLS", statement: "connect")
        }
        // 101119 stands for 10.11.19.
        let version = Int(unsafe mysql_get_server_version(handle))
        let isMariaDB = unsafe mariadb_connection(handle) != 0
        guard version >= (isMariaDB ? 10_06_00 : 8_00_01) else {
            throw UnsuitableServer(version: version, isMariaDB: isMariaDB)
        }
        _ = try say(Self.settings(limits, isMariaDB: isMariaDB), until: .now + limits.answer)
    }

    deinit { unsafe mysql_close(handle) }

    var isOpen: Bool {
        // An idle connection has nothing to read, unless it is the end, or the server's goodbye.
        !isReadable(for: .zero)
    }

    private func isReadable(for duration: Duration) -> Bool {
        let end = ContinuousClock.now + duration
        while true {
            var socket = pollfd(fd: CInt(unsafe mysql_get_socket(handle)), events: Int16(POLLIN), revents: 0)
            let left = max(.zero, ContinuousClock.now.duration(to: end))
            let found = unsafe poll(&socket, 1, CInt(clamping: left.milliseconds))
            guard found < 0, errno == EINTR else { return found != 0 }
        }
    }
}

// MARK: - Statements

extension MySQLLink {
    func exchange(_ statements: [SQLStatement], until deadline: ContinuousClock.Instant) throws -> [SQLAnswer] {
        // A proxy that mixed up its clients' sessions would let texts become statements.
        guard unsafe handle.pointee.server_status & UInt32(SERVER_STATUS_NO_BACKSLASH_ESCAPES) != 0 else {
            throw MySQLFailure(
                code: CR_UNKNOWN_ERROR, message: "the session has lost its settings", statement: "")
        }
        return try say(statements, until: deadline)
    }

    private func say(_ statements: [SQLStatement], until deadline: ContinuousClock.Instant) throws -> [SQLAnswer] {
        let now = clock?()
        var answers: [SQLAnswer] = []
        var batch = Batch()
        for statement in statements {
            guard let text = MySQLStatementText(statement, now: now) else {
                throw MySQLFailure(
                    code: ER_WRONG_ARGUMENTS, message: "\(statement.values.count) values do not fit",
                    statement: statement.text)
            }
            if !batch.hasRoom(for: text) {
                answers += try ask(batch, until: deadline)
                batch = Batch()
            }
            batch.append(statement, as: text)
        }
        return answers + (try ask(batch, until: deadline))
    }

    /// What goes out at once.
    private struct Batch {
        private(set) var statements: [SQLStatement] = []
        private(set) var bytes: [UInt8] = []

        /// Servers take no more than they are told to (`max_allowed_packet`), by default at least 16 MiB.
        func hasRoom(for text: MySQLStatementText) -> Bool {
            bytes.isEmpty || bytes.count + text.bytes.count < 1 << 20
        }

        mutating func append(_ statement: SQLStatement, as text: MySQLStatementText) {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: ";")) }
            bytes += text.bytes
            statements.append(statement)
        }
    }

    private func ask(_ batch: Batch, until deadline: ContinuousClock.Instant) throws -> [SQLAnswer] {
        var answers: [SQLAnswer] = []
        // Without its values, which are nobody's to see.
        var statement: String { batch.statements.dropFirst(answers.count).first?.text ?? "" }
        let isSent = unsafe batch.bytes.withUnsafeBytes { bytes in
            unsafe mysql_send_query(handle, bytes.bindMemory(to: CChar.self).baseAddress, UInt(bytes.count)) == 0
        }
        guard isSent else { throw failure(in: statement) }
        // The library itself knows whole seconds only.
        guard isReadable(for: ContinuousClock.now.duration(to: deadline)) else {
            throw MySQLFailure(code: CR_SERVER_LOST, message: "the server did not answer in time", statement: statement)
        }
        guard unsafe mysql_read_query_result(handle) == 0 else { throw failure(in: statement) }
        while true {
            answers.append(try answer(to: statement))
            switch unsafe mysql_next_result(handle) {
            case 0: continue
            case -1 where answers.count == batch.statements.count: return answers
            case -1: throw MySQLFailure(code: CR_COMMANDS_OUT_OF_SYNC, message: "answers are missing", statement: "")
            default: throw failure(in: statement)
            }
        }
    }

    private func answer(to statement: String) throws -> SQLAnswer {
        guard unsafe mysql_field_count(handle) > 0 else {
            return SQLAnswer(rows: [], count: Int(truncatingIfNeeded: unsafe mysql_affected_rows(handle)))
        }
        guard let result = unsafe mysql_store_result(handle) else { throw failure(in: statement) }
        defer { unsafe mysql_free_result(result) }
        return unsafe SQLAnswer(result)
    }

    private func failure(in statement: String) -> MySQLFailure {
        MySQLFailure(
            code: CInt(bitPattern: unsafe mysql_errno(handle)), message: unsafe String(cString: mysql_error(handle)),
            statement: statement)
    }
}

// MARK: - Settings

extension MySQLLink {
    /// Set up once in a process, before the first connection.
    private static let isLibraryReady: Bool = {
        guard mysql_server_init(0, nil, nil) == 0, let handle = unsafe mysql_init(nil) else { return false }
        defer { unsafe mysql_close(handle) }
        // Two connections that load the same method at the same moment: the library then fails one of them. A method that
        // cannot be loaded is missed when a server asks for it.
        for method in methods.dropFirst() {
            _ = unsafe mysql_client_find_plugin(handle, method, authenticationPlugin)
        }
        return true
    }()

    /// How a password may be proven without being told; the first is part of the library.
    private static let methods = [
        "mysql_native_password", "caching_sha2_password", "sha256_password", "client_ed25519",
    ]

    /// MYSQL_CLIENT_AUTHENTICATION_PLUGIN, which `mysql.h` lacks.
    private static let authenticationPlugin: CInt = 2

    /// Longer than anyone waits: what was opened late on a bad network is there for the next.
    private static let secondsToConnect: UInt32 = 5

    /// What the statements rely on, whatever the server's own settings; and limits, so that the server gives up, too, when
    /// nobody waits any more.
    private static func settings(_ limits: SQLLimits, isMariaDB: Bool) -> [SQLStatement] {
        // An idle connection is kept for longer than the pool keeps it. One whose client's host has died in mid-transaction
        // holds its locks for as long, where nothing ends it before.
        let kept = Int64((limits.idle * 2).seconds)
        // Of all statements in seconds; of those that read in milliseconds.
        let patience =
            isMariaDB
            ? """
            max_statement_time = \(limits.statement.seconds),
                idle_transaction_timeout = \(Int64(limits.idleTransaction.seconds))
            """
            : "max_execution_time = \(limits.statement.milliseconds)"
        return [
            "SET NAMES utf8mb4 COLLATE utf8mb4_bin",
            """
            SET SESSION sql_mode = 'ANSI,STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES,NO_ENGINE_SUBSTITUTION',
                time_zone = '+00:00', autocommit = 1, foreign_key_checks = 1, unique_checks = 1,
                innodb_lock_wait_timeout = 1, lock_wait_timeout = 2, wait_timeout = \(kept), \(patience)
            """,
            "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
        ].map { SQLStatement(text: $0) }
    }

    private func setTimeouts(_ limits: SQLLimits) {
        let wait = UInt32(clamping: Int64(limits.answer.seconds.rounded(.up)))
        let timeouts = [
            (MYSQL_OPT_CONNECT_TIMEOUT, Self.secondsToConnect), (MYSQL_OPT_READ_TIMEOUT, wait),
            (MYSQL_OPT_WRITE_TIMEOUT, wait),
        ]
        for (option, seconds) in timeouts {
            var seconds = seconds
            unsafe mysql_options(handle, option, &seconds)
        }
    }

    private func setSecurity(_ address: MySQLAddress) {
        let tls = address.tls
        // Whoever answers may ask for the password as it is; only a server that has proven who it is shall have it.
        if tls.mode != .verifyIdentity {
            unsafe mysql_options(handle, MARIADB_OPT_RESTRICTED_AUTH, Self.methods.joined(separator: ","))
        }
        // Any of the files would turn it on.
        if tls.mode == .disabled { return }
        var isUsed: my_bool = 1
        unsafe mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &isUsed)
        var isNameChecked: my_bool = tls.mode == .verifyIdentity ? 1 : 0
        unsafe mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &isNameChecked)
        let files = [
            (MYSQL_OPT_SSL_CA, tls.authorities), (MYSQL_OPT_SSL_CERT, tls.certificate), (MYSQL_OPT_SSL_KEY, tls.key),
        ]
        for (option, path) in files {
            if let path { unsafe mysql_options(handle, option, path) }
        }
    }
}
