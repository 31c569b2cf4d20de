package import SystemPackage

/// What holds for every request of one client. Clients share nothing: no connection, no looked-up name, so a guarded one
/// never finds a connection that another one opened.
package struct CurlProfile: Sendable {
    /// How long looking up the name, connecting and the TLS handshake may take together.
    package var connectLimit: Duration = .seconds(1)
    /// Transfers at once, each on a connection of its own.
    package var concurrency = 32
    /// How many more may wait for their turn, and how long while nothing moves on any connection.
    package var waitingLimit = 4096
    package var waitingTime: Duration = .seconds(1)
    /// A file of PEM certificates to trust in place of the system's.
    package var trustedCertificates: FilePath?
    package var userAgent = "tintype"
    /// Asked for each address that is about to be connected to, after every look-up and for every connection.
    package var mayConnect: @Sendable (ResolvedAddress) -> Bool = { _ in true }

    package init() {}
}

/// Where a name led, as the kernel is about to be told: past all spellings of an address.
package struct ResolvedAddress: Hashable, Sendable {
    /// In network order: 4 for IPv4, 16 for IPv6.
    package let bytes: [UInt8]
    package let port: UInt16

    package init(bytes: [UInt8], port: UInt16) {
        self.bytes = bytes
        self.port = port
    }
}
