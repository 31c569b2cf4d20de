import HTTPTypes
import Jobs

/// Makes the absolute URLs that clients are given.
struct Links: Sendable {
    let publicURL: String?

    /// Scheme and host under which the world reaches us: as set, else as this client did.
    ///
    /// - Throws: a ``Problem`` where the request's host is no host.
    func base(for request: IncomingRequest) throws(Problem) -> String {
        if let publicURL { return publicURL }
        guard let host = request.head.authority, Authority.isValid(host) else { throw .invalidHost }
        // A proxy that ends TLS says so here; a client that lies gets links that it cannot use.
        let scheme = request.fields[.forwardedProto]?.lowercased() == "https" ? "https" : "http"
        return "\(scheme)://\(host)"
    }

    static func status(_ id: some Identifier) -> String { "/status/\(id)" }
    static func result(_ job: JobID) -> String { "/result/\(job)" }
    static func report(_ batch: BatchID) -> String { "/batches/\(batch).csv" }
    static func download(_ job: JobID) -> String { "/download/\(job)" }
}
