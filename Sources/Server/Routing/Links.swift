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
        guard let host = request.head.authority, Self.isAuthority(host) else {
            throw Problem(.malformedRequest, "the Host field must be a host, with a port where it needs one")
        }
        // A proxy that ends TLS says so here; a client that lies gets links that it cannot use.
        let scheme = request.fields[.forwardedProto]?.lowercased() == "https" ? "https" : "http"
        return "\(scheme)://\(host)"
    }

    static func status(_ id: some Identifier) -> String { "/status/\(id)" }
    static func result(_ job: JobID) -> String { "/result/\(job)" }
    static func report(_ batch: BatchID) -> String { "/batches/\(batch).csv" }
    static func download(_ job: JobID) -> String { "/download/\(job)" }

    /// Letters, digits and `.-_`, or an address in brackets, then a port or none: what cannot end the authority of a URL.
    private static func isAuthority(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 255
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
                    UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
                    true
                default: false
                }
            }
    }
}
