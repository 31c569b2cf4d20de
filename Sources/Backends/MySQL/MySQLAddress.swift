#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where a database is and how to get in: `mysql://user:password@host:port/database?ssl-mode=VERIFY_IDENTITY`.
///
/// The scheme may be `mariadb`, and name a driver, which is ignored, as other programs' URLs do (`mysql+pymysql`). The parts
/// are percent-encoded where they hold other than letters and digits. Parameters, each with `-` or `_`:
/// - `ssl-mode`: see ``MySQLTLS/Mode``, in any case;
/// - `ssl-ca`, `ssl-cert`, `ssl-key`: PEM files;
/// - `unix-socket`: a path, instead of host and port;
/// - `charset`: ignored; texts are always `utf8mb4`.
package struct MySQLAddress: Sendable, Hashable {
    package var host: String
    package var port = 3306
    package var user: String?
    package var password: String?
    package var database: String
    package var socket: String?
    package var tls = MySQLTLS()

    /// - Throws: ``InvalidMySQLAddress``.
    package init(_ url: String) throws {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased() else {
            throw InvalidMySQLAddress(
                reason: "it is not a URL; characters other than letters and digits are written %XX")
        }
        guard ["mysql", "mariadb"].contains(scheme.prefix { $0 != "+" }) else {
            throw InvalidMySQLAddress(reason: "its scheme is \(scheme), not mysql or mariadb")
        }
        // IPv6 addresses stand in brackets.
        let name = (parts.host ?? "").filter { $0 != "[" && $0 != "]" }
        host = name.isEmpty ? "127.0.0.1" : name
        if let port = parts.port { self.port = port }
        user = parts.user
        password = parts.password
        database = String(parts.path.drop { $0 == "/" })
        guard !database.isEmpty, !database.contains("/") else {
            throw InvalidMySQLAddress(reason: "it must end in /database")
        }
        for item in parts.queryItems ?? [] { try set(item.name, to: item.value ?? "") }
        try tls.complete()
    }

    private mutating func set(_ name: String, to value: String) throws {
        switch name.replacing("_", with: "-") {
        case "ssl-mode":
            guard let mode = MySQLTLS.Mode(rawValue: value.uppercased().replacing("-", with: "_")) else {
                let modes = MySQLTLS.Mode.allCases.map(\.rawValue).joined(separator: ", ")
                throw InvalidMySQLAddress(reason: "ssl-mode is \(value), not one of \(modes)")
            }
            tls.mode = mode
        case "ssl-ca": tls.authorities = value
        case "ssl-cert": tls.certificate = value
        case "ssl-key": tls.key = value
        case "unix-socket": socket = value
        case "charset": break
        default: throw InvalidMySQLAddress(reason: "it has an unknown parameter, \(name)")
        }
    }
}

/// How far the wire is trusted.
package struct MySQLTLS: Sendable, Hashable {
    /// MySQL's own names.
    package enum Mode: String, Sendable, CaseIterable {
        case disabled = "DISABLED"
        /// TLS where the server offers it, whoever it is.
        case preferred = "PREFERRED"
        /// TLS, whoever the server is.
        case required = "REQUIRED"
        /// Its certificate must come from one of the authorities.
        case verifyCA = "VERIFY_CA"
        /// And name the host.
        case verifyIdentity = "VERIFY_IDENTITY"
    }

    package var mode: Mode?
    package var authorities: String?
    package var certificate: String?
    package var key: String?

    package init() {}

    var isRequired: Bool {
        switch mode {
        case .disabled, .preferred, nil: false
        case .required, .verifyCA, .verifyIdentity: true
        }
    }

    /// Naming authorities asks for the server to be verified; naming nothing, for what it offers.
    fileprivate mutating func complete() throws {
        let chosen = mode ?? (authorities == nil ? .preferred : .verifyIdentity)
        mode = chosen
        guard chosen != .verifyCA || authorities != nil else {
            throw InvalidMySQLAddress(reason: "ssl-mode VERIFY_CA needs ssl-ca")
        }
    }
}

/// A URL that names no database. It may hold a password, so this does not repeat it.
package struct InvalidMySQLAddress: Error, Hashable, CustomStringConvertible {
    package let reason: String

    package var description: String { "the database's URL cannot be used: \(reason)" }
}
