package import Jobs

/// A block of addresses, such as `10.0.0.0/8` or `fd00::/8`.
package struct Network: Hashable, Sendable {
    private let prefix: [UInt8]
    /// In bits, of the prefix.
    private let length: Int

    /// Reads an address and the length of its prefix (RFC 4632, RFC 4291, section 2.3); an address alone is a block of one.
    package init(_ text: String) throws(InvalidNetwork) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ IPAddress(String($0)) }) else {
            throw InvalidNetwork(text: text, reason: "it is no address of IPv4 or IPv6 with the length of a prefix")
        }
        let bitCount = address.bytes.count * 8
        let digits = parts.count > 1 ? String(parts[1]) : String(bitCount)
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(digits), length <= bitCount
        else {
            throw InvalidNetwork(text: text, reason: "the length of its prefix is not 0 to \(bitCount)")
        }
        let isBlock = (length..<bitCount).allSatisfy { address.bytes[$0 / 8] & (0x80 >> UInt8($0 % 8)) == 0 }
        guard isBlock else {
            throw InvalidNetwork(text: text, reason: "the address has bits behind the first \(length)")
        }
        prefix = address.bytes
        self.length = length
    }

    package func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == prefix.count else { return false }
        let (whole, rest) = length.quotientAndRemainder(dividingBy: 8)
        guard address.bytes.prefix(whole) == prefix.prefix(whole) else { return false }
        return rest == 0 || (address.bytes[whole] ^ prefix[whole]) >> UInt8(8 - rest) == 0
    }
}

/// For the tables of this target: what a user sets is read by ``init(_:)``.
extension Network: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) {
        do {
            try self.init(text)
        } catch {
            preconditionFailure("\(error)")
        }
    }
}

/// A text that names no block of addresses.
package struct InvalidNetwork: Error, Hashable, CustomStringConvertible {
    package let text: String
    package let reason: String

    package var description: String { "\(text) is no network: \(reason)" }
}
