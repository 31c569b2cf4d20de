import Jobs

/// Host and port, as a Host field names them.
enum Authority {
    /// Whether a text is letters, digits and `.-_`, or an IPv6 address in brackets, then a port or none: what cannot end the
    /// authority of a URL.
    static func isValid(_ text: String) -> Bool {
        let bytes = text.utf8
        guard bytes.count <= 255 else { return false }
        let hostEnd =
            bytes.first == UInt8(ascii: "[")
            ? bytes.firstIndex(of: UInt8(ascii: "]")).map(bytes.index(after:)) : bytes.firstIndex(of: UInt8(ascii: ":"))
        let end = hostEnd ?? bytes.endIndex
        return isHost(text[..<end]) && isPort(text[end...])
    }

    private static func isHost(_ host: Substring) -> Bool {
        if host.first == "[" {
            return host.last == "]" && IPAddress(String(host.dropFirst().dropLast()))?.bytes.count == 16
        }
        return !host.isEmpty
            && host.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    /// - Parameter port: with its colon, behind which there may be nothing (RFC 3986, section 3.2.3).
    private static func isPort(_ port: Substring) -> Bool {
        guard let colon = port.first else { return true }
        let digits = port.dropFirst()
        let isDecimal = digits.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains)
        return colon == ":" && isDecimal && (digits.isEmpty || UInt16(digits) != nil)
    }
}

extension Problem {
    static let invalidHost = Problem(
        .malformedRequest, "the Host field must be a host, with a port where it needs one")
}
