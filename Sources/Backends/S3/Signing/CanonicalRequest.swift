import Crypto
import Jobs

/// A request as it is signed: AWS, "Create a signed AWS API request", step 1.
struct CanonicalRequest: Sendable {
    var method: String
    /// Escaped as ``Swift/String/escapedPath`` does: S3 signs what is sent, where other services escape once more.
    var path: String
    /// Names and values as they are, not escaped.
    var query: [String: String]
    /// All that are signed, `host` among them; names in lower case.
    var fields: [String: String]
    /// The body's SHA-256 in hexadecimal, or ``unsignedPayload``.
    var payload: String

    static let unsignedPayload = "UNSIGNED-PAYLOAD"
    static let emptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    var signedFields: String { fields.keys.sorted().joined(separator: ";") }

    /// Sorted, as it is both sent and signed.
    var queryText: String {
        query.map { (name: $0.key.escaped, value: $0.value.escaped) }.sorted { $0.name < $1.name }
            .map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    var text: String {
        let lines = fields.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value.withSingleSpaces)\n" }
        return [method, path, queryText, lines.joined(), signedFields, payload].joined(separator: "\n")
    }

    var digest: String { String(hexadecimal: SHA256.hash(data: Array(text.utf8))) }
}

extension String {
    /// RFC 3986, section 2.3: unreserved characters stay, every other byte becomes `%` and two capital digits.
    var escaped: String { escaped { $0.isUnreserved } }

    /// The same, but for slashes.
    var escapedPath: String { escaped { $0.isUnreserved || $0 == UInt8(ascii: "/") } }

    private func escaped(keeping isKept: (UInt8) -> Bool) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in utf8 {
            if isKept(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    fileprivate var withSingleSpaces: String { split(separator: " ").joined(separator: " ") }
}

extension UInt8 {
    fileprivate var isUnreserved: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
