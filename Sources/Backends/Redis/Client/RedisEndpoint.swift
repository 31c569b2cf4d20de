#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where a Redis is and how to enter: `redis://` or, with TLS, `rediss://`, then `[user[:password]@]host[:port][/database]`.
///
/// `?cluster=1` says that it must be a cluster; otherwise the server is asked whether it is one.
package struct RedisEndpoint: Sendable, Hashable {
    package let host: String
    package let port: Int
    package let isEncrypted: Bool
    let user: String?
    let password: String?
    package let database: Int
    let mustBeCluster: Bool

    /// - Throws: ``InvalidRedisURL``. It repeats nothing from where a password ends up that is not percent-encoded: in
    ///   `redis://user:12/34@host` the port is 12 and the database `34@host`.
    package init(url: String) throws {
        guard let parts = URLComponents(string: url) else { throw InvalidRedisURL(reason: "it is no URL") }
        switch parts.scheme?.lowercased() {
        case "redis": isEncrypted = false
        case "rediss": isEncrypted = true
        case let scheme: throw InvalidRedisURL(reason: "the scheme is \(scheme ?? "missing"), not redis or rediss")
        }
        var host = parts.host ?? ""
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else { throw InvalidRedisURL(reason: "there is no host in it") }
        self.host = host
        port = parts.port ?? 6379
        guard (1...65535).contains(port) else { throw InvalidRedisURL(reason: "the port is not 1 to 65535") }
        user = parts.user.flatMap { $0.isEmpty ? nil : $0 }
        password = parts.password.flatMap { $0.isEmpty ? nil : $0 }
        let path = parts.path.drop { $0 == "/" }
        guard let database = path.isEmpty ? 0 : Int(path), database >= 0 else {
            throw InvalidRedisURL(reason: "the database is not a number")
        }
        self.database = database
        var mustBeCluster = false
        for item in parts.queryItems ?? [] {
            guard item.name == "cluster", let value = item.value, value == "0" || value == "1" else {
                throw InvalidRedisURL(reason: "something other than 'cluster=1' follows the '?'")
            }
            mustBeCluster = value == "1"
        }
        guard !mustBeCluster || database == 0 else {
            throw InvalidRedisURL(reason: "a cluster has database 0 only")
        }
        self.mustBeCluster = mustBeCluster
    }

    var address: RedisAddress { RedisAddress(host: host, port: port) }
}

extension RedisEndpoint: CustomStringConvertible {
    /// The URL without its password.
    package var description: String {
        let login = user == nil && password == nil ? "" : "\(user ?? ""):***@"
        return "\(isEncrypted ? "rediss" : "redis")://\(login)\(address)/\(database)"
    }
}

/// What is wrong with a URL of Redis.
package struct InvalidRedisURL: Error, Hashable, CustomStringConvertible {
    let reason: String
    package var description: String {
        "the URL of Redis cannot be used: \(reason) (in a password, '#', '/', '?', '@' and their like are percent-encoded)"
    }
}

/// One server.
struct RedisAddress: Sendable, Hashable, CustomStringConvertible {
    let host: String
    let port: Int

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension RedisAddress {
    /// An address as a node of a cluster tells it: "?" and nothing stand for that node's own host.
    init(host: String, port: Int, toldBy node: RedisAddress) {
        self.init(host: host.isEmpty || host == "?" ? node.host : host, port: port)
    }
}
