/// What a part says about itself.
struct PartHeader: Hashable, Sendable {
    /// The name of the form's field.
    let name: String
    /// The client's name of the file, as it stands there: not to be trusted, and not fit to be shown; see ``DisplayName``.
    /// `nil` where the part is a plain field.
    let fileName: String?
    /// `nil` where it says nothing.
    let contentType: String?

    static let maximumFields = 32

    init(name: String, fileName: String? = nil, contentType: String? = nil) {
        self.name = name
        self.fileName = fileName
        self.contentType = contentType
    }

    /// Reads the lines of a header, without the blank line that ends it.
    init(_ bytes: some Collection<UInt8>) throws(MultipartError) {
        var fields: [String: String] = [:]
        let text = String(decoding: bytes, as: UTF8.self)
        let lines = text.isEmpty ? [] : Self.lines(of: text)
        guard lines.count <= Self.maximumFields else {
            throw .malformed(reason: "the header of a part may have \(Self.maximumFields) fields")
        }
        for line in lines {
            guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
                line[..<colon].utf8.allSatisfy(Self.isToken)
            else {
                throw .malformed(reason: "a line in the header of a part is no field")
            }
            let name = line[..<colon].lowercased()
            guard fields.updateValue(String(line[line.utf8.index(after: colon)...]), forKey: name) == nil else {
                throw .malformed(reason: "the header of a part has two fields \(brief(name))")
            }
        }
        let disposition = ParameterizedValue(fields["content-disposition"] ?? "")
        guard disposition.value == "form-data", let name = disposition.parameters["name"] else {
            throw .malformed(reason: "a part needs Content-Disposition: form-data with a name")
        }
        // RFC 7578, section 4.7, deprecates every encoding of a part; a client that still uses one means other bytes.
        let encoding = fields["content-transfer-encoding"].map { ParameterizedValue($0).value } ?? "binary"
        guard ["binary", "8bit", "7bit"].contains(encoding) else {
            throw .malformed(reason: "parts are sent as they are, not as \(brief(encoding))")
        }
        self.name = name
        fileName = disposition.parameters["filename*"].flatMap(Self.extended) ?? disposition.parameters["filename"]
        contentType = fields["content-type"].map { ParameterizedValue($0).value }
    }

    /// A character of a Swift string may be CR and LF together, so the bytes are what is split.
    private static func lines(of text: String) -> [Substring] {
        var lines: [Substring] = []
        var rest = text[...]
        while let end = rest.utf8.firstIndex(of: 13) {
            lines.append(rest[..<end])
            rest = rest[end...]
            // A lone CR, or a lone LF, stays in its line, which is then no field or has a strange value.
            rest = Substring(rest.utf8.dropFirst(rest.utf8.dropFirst().first == 10 ? 2 : 1))
        }
        lines.append(rest)
        return lines
    }

    /// `UTF-8''na%C3%AFve.jpg` (RFC 8187); `nil` where it is written in any other way.
    private static func extended(_ text: String) -> String? {
        let parts = text.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].lowercased() == "utf-8" else { return nil }
        var bytes: [UInt8] = []
        var iterator = parts[2].utf8.makeIterator()
        while let byte = iterator.next() {
            if byte == UInt8(ascii: "%") {
                guard let high = iterator.next()?.hexDigit, let low = iterator.next()?.hexDigit else { return nil }
                bytes.append(high << 4 | low)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// RFC 9110, section 5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
