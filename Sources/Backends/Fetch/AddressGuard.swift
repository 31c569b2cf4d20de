package import Jobs

/// Keeps what users name out of our own networks: judges addresses as the kernel is about to be told them.
///
/// An address that carries an IPv4 address in it is refused whatever that is, since who unpacks it is not in our hands. Only
/// NAT64's well-known prefix, by which IPv6-only networks reach the rest, can be opened: the address within is then judged.
package struct AddressGuard: Sendable {
    private let ports: Set<UInt16>
    private let opened: [Network]

    /// - Parameter allowedNetworks: are open though they are not public; never the addresses of ``metadata``.
    package init(allowedPorts: Set<UInt16> = [80, 443], allowedNetworks: [Network] = []) {
        ports = allowedPorts
        opened = allowedNetworks
    }

    package func allows(_ address: IPAddress, port: UInt16) -> Bool { ports.contains(port) && allows(address) }

    private func allows(_ address: IPAddress) -> Bool {
        if Self.nat64.contains(address) {
            return isOpened(address) && allows(IPAddress(bytes: Array(address.bytes.suffix(4))))
        }
        if Self.carriesIPv4(address) || Self.metadata.contains(where: { $0.contains(address) }) { return false }
        return isOpened(address) || Self.isPublic(address)
    }

    private func isOpened(_ address: IPAddress) -> Bool { opened.contains { $0.contains(address) } }
}

extension AddressGuard: URLRules {
    package func allows(_ url: SourceURL) -> Bool {
        switch url.host {
        case .name: ports.contains(url.port)
        case .address(let address): allows(address, port: url.port)
        }
    }
}

// MARK: What is what

extension AddressGuard {
    /// Where clouds give credentials and configuration to whoever asks from within.
    private static let metadata: [Network] = [
        // EC2's instance metadata, which other clouds have at the same place, its name and time servers.
        "169.254.169.0/24", "fd00:ec2::/32",
        // Roles of ECS tasks (.2) and EKS pods (.23); fd00:ec2::23 for the latter is in the block above.
        "169.254.170.0/24",
        "168.63.129.16",  // Azure's WireServer
        "100.100.100.200",  // Alibaba Cloud
        "192.0.0.192", "fd00:c1::a9fe:a9fe",  // Oracle Cloud
        "fd20:ce::254",  // Google Cloud
        "169.254.42.42", "fd00:42::42",  // Scaleway
        "169.254.0.23",  // Tencent Cloud
        "fe80::a9fe:a9fe",  // OpenStack
    ]

    /// IANA's IPv4 Special-Purpose Address Registry (RFC 6890), what is not globally reachable, and multicast.
    private static let special4: [Network] = [
        "0.0.0.0/8",  // this network (RFC 791)
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",  // private (RFC 1918)
        "100.64.0.0/10",  // shared by carriers' NAT (RFC 6598)
        "127.0.0.0/8",  // loopback (RFC 1122)
        "169.254.0.0/16",  // link-local (RFC 3927)
        "192.0.0.0/24",  // protocols (RFC 6890)
        "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",  // documentation (RFC 5737)
        "192.88.99.0/24",  // relays of 6to4 (RFC 7526)
        "198.18.0.0/15",  // benchmarks (RFC 2544)
        "224.0.0.0/4",  // multicast (RFC 5771)
        "240.0.0.0/4",  // reserved, and broadcast (RFC 1112, RFC 919)
    ]

    /// The only addresses of IPv6 that IANA gives to anybody: unspecified, loopback, discard-only, unique-local, link-local,
    /// site-local and multicast ones are all outside.
    private static let global6: Network = "2000::/3"

    /// What is not for the public in ``global6``, by IANA's IPv6 Special-Purpose Address Registry (RFC 6890).
    private static let special6: [Network] = [
        "2001::/23",  // protocols and benchmarks (RFC 2928, RFC 5180)
        "2001:db8::/32", "3fff::/20",  // documentation (RFC 3849, RFC 9637)
    ]

    private static let nat64: Network = "64:ff9b::/96"  // RFC 6052

    private static let carriers: [Network] = [
        "::/96",  // compatible (RFC 4291, section 2.5.5.1); the unspecified and the loopback address look the same
        "::ffff:0:0/96",  // mapped (RFC 4291, section 2.5.5.2)
        "::ffff:0:0:0/96",  // translated (RFC 2765)
        "64:ff9b:1::/48",  // NAT64 of the network's own (RFC 8215), which alone knows where the address is in it
        "2001::/32",  // Teredo (RFC 4380)
        "2002::/16",  // 6to4 (RFC 3056)
    ]

    private static func carriesIPv4(_ address: IPAddress) -> Bool {
        // The loopback address carries nothing, and can be opened.
        if address == loopback6 { return false }
        return carriers.contains { $0.contains(address) } || isISATAP(address)
    }

    private static let loopback6 = IPAddress(bytes: [UInt8](repeating: 0, count: 15) + [1])

    /// RFC 5214, section 6.1: any prefix, then 0000:5efe or 0200:5efe and the IPv4 address.
    private static func isISATAP(_ address: IPAddress) -> Bool {
        address.bytes.count == 16 && address.bytes[8] & 0xFC == 0
            && address.bytes[9...11].elementsEqual([0, 0x5E, 0xFE])
    }

    private static func isPublic(_ address: IPAddress) -> Bool {
        switch address.bytes.count {
        case 4: !special4.contains { $0.contains(address) }
        case 16: global6.contains(address) && !special6.contains { $0.contains(address) }
        default: false
        }
    }
}
