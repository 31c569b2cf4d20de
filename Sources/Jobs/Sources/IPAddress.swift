#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An address of IPv4 or IPv6.
package struct IPAddress: Hashable, Sendable {
    /// In network order: 4 for IPv4, 16 for IPv6.
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }

    /// Reads the text forms of RFC 4291, section 2.2, and four decimal numbers with dots; no zone.
    package init?(_ text: String) {
        let isIPv6 = text.utf8.contains(UInt8(ascii: ":"))
        var bytes = [UInt8](repeating: 0, count: isIPv6 ? 16 : 4)
        guard unsafe inet_pton(isIPv6 ? AF_INET6 : AF_INET, text, &bytes) == 1 else { return nil }
        self.init(bytes: bytes)
    }

    /// Reads what `inet_aton` takes for an IPv4 address: one to four numbers with dots, each decimal, octal (`0177`) or
    /// hexadecimal (`0x7f`), the last of which fills the bytes that are left.
    package init?(looseIPv4 text: some StringProtocol) {
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false).map { Self.number($0) }
        guard (1...4).contains(numbers.count), let last = numbers.last.flatMap(\.self) else { return nil }
        var bytes: [UInt8] = []
        for number in numbers.dropLast() {
            guard let number, let byte = UInt8(exactly: number) else { return nil }
            bytes.append(byte)
        }
        let free = 4 - bytes.count
        guard UInt64(last) < 1 << (8 * free) else { return nil }
        self.init(bytes: bytes + (0..<free).reversed().map { UInt8(truncatingIfNeeded: last >> ($0 * 8)) })
    }

    private static func number(_ text: some StringProtocol) -> UInt32? {
        let lower = text.lowercased()
        let isHexadecimal = lower.hasPrefix("0x")
        let digits = isHexadecimal ? lower.dropFirst(2) : lower[...]
        let radix = isHexadecimal ? 16 : lower.hasPrefix("0") ? 8 : 10
        // `UInt32` would take a sign.
        guard digits.utf8.first.map({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) ?? true else { return nil }
        return digits.isEmpty && isHexadecimal ? 0 : UInt32(digits, radix: radix)
    }
}
