import CMySQL
import SQLBackend

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Owns the library's side of one connection, closed once. One thread at a time may use it.
///
/// What it throws are ``MySQLFailure``s.
@safe final class MySQLHandle {
    private let handle: UnsafeMutablePointer<MYSQL>

    init(to address: MySQLAddress, patience: MySQLPatience) throws {
        guard Self.isLibraryReady, let handle = unsafe mysql_init(nil) else {
            throw MySQLFailure(code: ER_OUT_OF_RESOURCES, message: "no memory for a connection", statement: "connect")
        }
        unsafe self.handle = handle
        setTimeouts(patience)
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
    }

    deinit { unsafe mysql_close(handle) }

    /// As a number, 101119 for 10.11.19, and whether it is MariaDB's.
    var serverVersion: (number: Int, isMariaDB: Bool) {
        (Int(unsafe mysql_get_server_version(handle)), unsafe mariadb_connection(handle) != 0)
    }

    /// Whether nothing has come from the server unasked, which would be its goodbye.
    var isQuiet: Bool {
        var socket = pollfd(fd: CInt(unsafe mysql_get_socket(handle)), events: Int16(POLLIN), revents: 0)
        return unsafe poll(&socket, 1, 0) == 0
    }

    /// Runs statements as they are, without parameters.
    /// - Returns: the first value of the last answer's first row; `nil` where there is none.
    @discardableResult
    func run(_ statements: String) throws -> String? {
        guard unsafe mysql_real_query(handle, statements, UInt(statements.utf8.count)) == 0 else {
            throw failure(in: statements)
        }
        var value: String?
        while true {
            if let answer = unsafe mysql_store_result(handle) {
                defer { unsafe mysql_free_result(answer) }
                let first = unsafe mysql_fetch_row(answer).flatMap { unsafe $0[0] }
                value = unsafe first.map { unsafe String(cString: $0) }
            } else if unsafe mysql_errno(handle) != 0 {
                throw failure(in: statements)
            }
            switch unsafe mysql_next_result(handle) {
            case 0: continue
            case -1: return value
            default: throw failure(in: statements)
            }
        }
    }

    func prepare(_ statement: String) throws -> MySQLStatement {
        guard let prepared = unsafe mysql_stmt_init(handle) else { throw failure(in: statement) }
        return unsafe try MySQLStatement(owning: prepared, text: statement)
    }

    private func failure(in statement: String) -> MySQLFailure {
        MySQLFailure(
            code: CInt(bitPattern: unsafe mysql_errno(handle)), message: unsafe String(cString: mysql_error(handle)),
            statement: statement)
    }
}

extension MySQLHandle {
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

    private func setTimeouts(_ patience: MySQLPatience) {
        let timeouts = [
            (MYSQL_OPT_CONNECT_TIMEOUT, Self.secondsToConnect), (MYSQL_OPT_READ_TIMEOUT, patience.seconds),
            (MYSQL_OPT_WRITE_TIMEOUT, patience.seconds),
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
