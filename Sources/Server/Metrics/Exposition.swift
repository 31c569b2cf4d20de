/// The spelling rules of the Prometheus text format.
enum Exposition {
    /// Letters, digits, `_` and `:`; whatever else a name holds becomes `_`.
    static func name(_ name: String) -> String {
        let isClean = name.utf8.enumerated().allSatisfy { isNameByte($1, first: $0 == 0) }
        if isClean, !name.isEmpty { return name }
        let bytes = name.utf8.enumerated().map { isNameByte($1, first: $0 == 0) ? $1 : UInt8(ascii: "_") }
        return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
    }

    private static func isNameByte(_ byte: UInt8, first: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
            UInt8(ascii: ":"):
            true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): !first
        default: false
        }
    }

    /// `a="1",b="2"`, without braces, so that a histogram can add its own.
    static func labels(_ labels: [(String, String)]) -> String {
        labels.map { "\(name($0.0))=\"\(escaped($0.1, quotes: true))\"" }.joined(separator: ",")
    }

    static func help(_ text: String) -> String { escaped(text, quotes: false) }

    /// A number as Prometheus reads it; whole ones without a fraction.
    static func number(_ value: Double) -> String {
        if let whole = Int(exactly: value) { return String(whole) }
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value.description
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
