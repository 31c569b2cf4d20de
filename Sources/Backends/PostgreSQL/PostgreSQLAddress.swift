import CPostgres

/// Where a database is and how it is entered: a URL as libpq reads it
/// (https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING), TLS by its `sslmode` and `sslrootcert`.
package struct PostgreSQLAddress: Sendable {
    /// Holds the password: not for logs.
    let url: String

    /// Reads `postgresql://…` and `postgres://…`; a driver's name in the scheme (`postgresql+asyncpg://`), as Python's
    /// programs have it, is left out.
    /// - Returns: `nil` where it is no such URL, or libpq does not understand it.
    package init?(_ text: String) {
        guard let end = text.firstRange(of: "://") else { return nil }
        let scheme = text[..<end.lowerBound].prefix { $0 != "+" }.lowercased()
        guard ["postgresql", "postgres"].contains(scheme) else { return nil }
        url = "\(scheme)\(text[end.lowerBound...])"
        var reason: UnsafeMutablePointer<CChar>?
        let options = unsafe PQconninfoParse(url, &reason)
        // The reason may quote the whole URL, password included, so it is nobody's to see.
        unsafe PQfreemem(reason)
        guard let options = unsafe options else { return nil }
        unsafe PQconninfoFree(options)
    }
}
