/// How a browser is to treat a download, as Content-Disposition says it (RFC 6266).
enum Disposition: String, CaseIterable, Sendable {
    case inline, attachment

    /// The field's value. A name that is not plain ASCII is given twice: as well as ASCII can, and in full for those who
    /// know RFC 8187.
    func field(fileName: String) -> String {
        let plain = fileName.unicodeScalars.map { Self.isPlain($0) ? String($0) : "_" }.joined()
        let quoted = "\(rawValue); filename=\"\(plain)\""
        if plain == fileName { return quoted }
        return quoted + "; filename*=UTF-8''" + fileName.utf8.map(Self.encoded).joined()
    }

    /// What may stand in quotes as it is. A percent sign may, but some decode it.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        (0x20...0x7E).contains(scalar.value) && scalar != "\"" && scalar != "\\" && scalar != "%"
    }

    /// RFC 8187, section 3.2.1: attr-char stays, the rest is escaped.
    private static func encoded(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            return String(Unicode.Scalar(byte))
        default:
            if "!#$&+-.^_`|~".utf8.contains(byte) { return String(Unicode.Scalar(byte)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return byte < 16 ? "%0\(digits)" : "%\(digits)"
        }
    }
}
