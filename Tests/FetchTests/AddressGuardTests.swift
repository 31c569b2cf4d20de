import FetchBackend
import Jobs
import Testing

@Suite struct `An address guard` {
    @Test(arguments: [
        "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
        "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0",
        "192.88.98.255", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255",
        "203.0.114.0", "223.255.255.255", "2000::", "2001:200::", "2001:db7::", "2001:db9::", "2003::",
        "2606:4700::1111",
        "2a00:1450:4001:800::200e", "3ffe::1", "3fff:1000::", "2606:4700::1:5efe:7f00:1", "2606:4700::5efd:7f00:1",
    ])
    func `lets public addresses through, up to the edge of each block`(_ text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(AddressGuard().allows(address, port: 443))
    }

    @Test(arguments: Hostile.addresses) func `refuses everything else`(_ hostile: Hostile) throws {
        let address = try #require(hostile.address.flatMap { IPAddress($0) })
        #expect(!AddressGuard().allows(address, port: 443))
    }

    @Test(arguments: [[], [1], [UInt8](repeating: 8, count: 5), [UInt8](repeating: 0x20, count: 17)])
    func `refuses what is no address`(_ bytes: [UInt8]) {
        #expect(!AddressGuard().allows(IPAddress(bytes: bytes), port: 443))
    }

    @Test func `allows ports 80 and 443, or those that it is given`() throws {
        let address = try #require(IPAddress("8.8.8.8"))
        let usual = AddressGuard()
        #expect([80, 443].allSatisfy { usual.allows(address, port: $0) })
        #expect([0, 22, 81, 6379, 8080].allSatisfy { !usual.allows(address, port: $0) })
        let other = AddressGuard(allowedPorts: [8080])
        #expect(other.allows(address, port: 8080))
        #expect(!other.allows(address, port: 80))
    }

    @Test func `opens the networks that it is given, and no more of them`() throws {
        let open = AddressGuard(allowedNetworks: ["10.1.0.0/16", "127.0.0.1", "fd12::/16", "::1"])
        for text in ["10.1.0.0", "10.1.255.255", "127.0.0.1", "fd12:ffff::1", "::1", "8.8.8.8"] {
            #expect(open.allows(try #require(IPAddress(text)), port: 80), "\(text)")
        }
        for text in [
            "10.0.255.255", "10.2.0.0", "127.0.0.2", "fd13::", "::", "::2", "::ffff:127.0.0.1", "::ffff:10.1.0.1",
        ] {
            #expect(!open.allows(try #require(IPAddress(text)), port: 80), "\(text)")
        }
        #expect(!open.allows(try #require(IPAddress("10.1.0.1")), port: 6379))
    }

    @Test(arguments: [
        "169.254.169.254", "169.254.169.253", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23",
        "fd20:ce::254", "fd00:c1::a9fe:a9fe", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fe80::a9fe:a9fe",
        "::ffff:169.254.169.254", "::169.254.169.254", "::ffff:0:169.254.169.254", "2002:a9fe:a9fe::",
        "2001:0:a9fe:a9fe::", "2001:0:808:808:0:0:5601:5601", "64:ff9b::169.254.169.254", "64:ff9b:1::169.254.169.254",
        "64:ff9b:1:a9fe:a9:fe00::", "fd12::5efe:169.254.169.254", "fd12::200:5efe:169.254.170.2",
    ])
    func `never opens a metadata service, however its address is carried`(_ text: String) throws {
        let open = AddressGuard(allowedNetworks: ["0.0.0.0/0", "::/0"])
        #expect(open.allows(try #require(IPAddress("127.0.0.1")), port: 80))
        #expect(open.allows(try #require(IPAddress("fd12::1")), port: 80))
        #expect(!open.allows(try #require(IPAddress(text)), port: 80))
    }

    @Test func `judges the address behind NAT64, where that is opened`() throws {
        let open = AddressGuard(allowedNetworks: ["64:ff9b::/96"])
        #expect(open.allows(try #require(IPAddress("64:ff9b::8.8.8.8")), port: 80))
        #expect(!open.allows(try #require(IPAddress("64:ff9b::10.0.0.1")), port: 80))
        let both = AddressGuard(allowedNetworks: ["64:ff9b::/96", "10.0.0.0/8"])
        #expect(both.allows(try #require(IPAddress("64:ff9b::10.0.0.1")), port: 80))
    }

    @Test func `judges a URL by its port, and by its host where that is an address`() throws {
        let rules = AddressGuard()
        #expect(rules.allows(try SourceURL("http://example.com/")))
        #expect(rules.allows(try SourceURL("https://8.8.8.8/")))
        #expect(!rules.allows(try SourceURL("http://example.com:22/")))
        #expect(!rules.allows(try SourceURL("http://0x7f.1/")))
        #expect(!rules.allows(try SourceURL("https://[::ffff:8.8.8.8]/")))
    }
}

@Suite struct `A network` {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"), ("192.168.4.0/22", "192.168.7.255", "192.168.8.0"),
        ("0.0.0.0/0", "255.1.2.3", "::1"), ("10.1.2.3", "10.1.2.3", "10.1.2.2"), ("fd00::/9", "fd7f::", "fd80::"),
        ("::/0", "ffff::", "1.2.3.4"), ("fd00:1:2::/48", "fd00:1:2:ffff::", "fd00:1:3::"),
    ])
    func `holds the addresses of its prefix alone`(_ text: String, _ inside: String, _ outside: String) throws {
        let network = try Network(text)
        #expect(network.contains(try #require(IPAddress(inside))))
        #expect(!network.contains(try #require(IPAddress(outside))))
    }

    @Test(arguments: [
        ("", " is no network: it is no address of IPv4 or IPv6 with the length of a prefix"),
        ("10.0.0/8", "10.0.0/8 is no network: it is no address of IPv4 or IPv6 with the length of a prefix"),
        ("fe80::1%lo", "fe80::1%lo is no network: it is no address of IPv4 or IPv6 with the length of a prefix"),
        ("10.0.0.0/33", "10.0.0.0/33 is no network: the length of its prefix is not 0 to 32"),
        ("10.0.0.0/", "10.0.0.0/ is no network: the length of its prefix is not 0 to 32"),
        ("fd00::/+8", "fd00::/+8 is no network: the length of its prefix is not 0 to 128"),
        ("10.0.0.1/8", "10.0.0.1/8 is no network: the address has bits behind the first 8"),
    ])
    func `says what is wrong with a text`(_ text: String, _ message: String) {
        #expect {
            _ = try Network(text)
        } throws: { error in
            "\(error)" == message
        }
    }
}
