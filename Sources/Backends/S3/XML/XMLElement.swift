/// An element of the XML that S3 answers with. Attributes (only ever the name space) are left out.
struct XMLElement: Hashable, Sendable {
    let name: String
    /// What stands in it outside its elements.
    fileprivate(set) var text = ""
    fileprivate(set) var children: [XMLElement] = []

    fileprivate init(name: String) { self.name = name }

    /// Reads a document.
    /// - Throws: ``XMLError`` where it is not well-formed, or more than the little that S3 needs: no document type, no
    ///   processing instruction but the declaration, no CDATA section, and no more than ``XMLParser/deepest`` levels.
    init(_ document: [UInt8]) throws(XMLError) {
        var parser = XMLParser(document)
        self = try parser.document()
    }

    func first(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    /// The text of the first element of that name.
    subscript(_ name: String) -> String? { first(name)?.text }
}

/// Where a document is not what was expected.
struct XMLError: Error, Hashable {
    let offset: Int
}

private struct XMLParser {
    static let deepest = 8

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(XMLError) -> XMLElement {
        if next(is: "<?xml") { try skip(past: "?>") }
        try skipBetween()
        guard let name = try openingName() else { throw error }
        let root = try element(name, depth: 1)
        try skipBetween()
        guard position == bytes.count else { throw error }
        return root
    }

    /// The rest of an element whose name was read.
    private mutating func element(_ name: String, depth: Int) throws(XMLError) -> XMLElement {
        guard depth <= Self.deepest else { throw error }
        var element = XMLElement(name: name)
        if try skipAttributes() == .empty { return element }
        var text: [UInt8] = []
        while let byte = peek {
            if byte == UInt8(ascii: "&") {
                text += try reference()
            } else if byte != UInt8(ascii: "<") {
                text.append(byte)
                position += 1
            } else if next(is: "<!--") {
                try skip(past: "-->")
            } else if let child = try openingName() {
                element.children.append(try self.element(child, depth: depth + 1))
            } else {
                try expect("</\(name)")
                skipSpaces()
                try expect(">")
                guard let decoded = String(validating: text, as: UTF8.self) else { throw error }
                element.text = decoded
                return element
            }
        }
        throw error
    }

    /// What follows `<` at the start of an element; `nil`, and nothing read, at an end tag.
    private mutating func openingName() throws(XMLError) -> String? {
        guard peek == UInt8(ascii: "<"), position + 1 < bytes.count else { throw error }
        if bytes[position + 1] == UInt8(ascii: "/") { return nil }
        let end = bytes[(position + 1)...].firstIndex { !Self.isNameByte($0) } ?? bytes.count
        guard end > position + 1 else { throw error }
        defer { position = end }
        return String(decoding: bytes[(position + 1)..<end], as: UTF8.self)
    }

    private enum Opening { case empty, full }

    private mutating func skipAttributes() throws(XMLError) -> Opening {
        while true {
            skipSpaces()
            if next(is: "/>") { return .empty }
            if next(is: ">") { return .full }
            let start = position
            while let byte = peek, Self.isNameByte(byte) { position += 1 }
            guard position > start else { throw error }
            try expect("=")
            let quote = next(is: "\"") ? "\"" : "'"
            if quote == "'" { try expect(quote) }
            try skip(past: quote)
        }
    }

    private static let entities: [String: UInt8] = [
        "amp": UInt8(ascii: "&"), "lt": UInt8(ascii: "<"), "gt": UInt8(ascii: ">"), "quot": UInt8(ascii: "\""),
        "apos": UInt8(ascii: "'"),
    ]

    private mutating func reference() throws(XMLError) -> [UInt8] {
        let start = position + 1
        // The longest is `&#1114111;`.
        guard let end = bytes[start..<min(start + 9, bytes.count)].firstIndex(of: UInt8(ascii: ";")) else {
            throw error
        }
        let name = String(decoding: bytes[start..<end], as: UTF8.self)
        defer { position = end + 1 }
        if let byte = Self.entities[name] { return [byte] }
        guard name.hasPrefix("#") else { throw error }
        let number = name.hasPrefix("#x") ? UInt32(name.dropFirst(2), radix: 16) : UInt32(name.dropFirst())
        guard let scalar = number.flatMap(Unicode.Scalar.init), scalar != "\0" else { throw error }
        return Array(String(scalar).utf8)
    }

    // MARK: Bytes

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }
    private var error: XMLError { XMLError(offset: position) }

    private mutating func next(is text: String) -> Bool {
        guard bytes[position...].starts(with: text.utf8) else { return false }
        position += text.utf8.count
        return true
    }

    private mutating func expect(_ text: String) throws(XMLError) {
        guard next(is: text) else { throw error }
    }

    private mutating func skip(past end: String) throws(XMLError) {
        while !next(is: end) {
            guard position < bytes.count else { throw error }
            position += 1
        }
    }

    private mutating func skipSpaces() {
        while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    /// Between the declaration, the root and the end.
    private mutating func skipBetween() throws(XMLError) {
        skipSpaces()
        while next(is: "<!--") {
            try skip(past: "-->")
            skipSpaces()
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: ":"), 0x80...0xFF:
            true
        default: false
        }
    }
}
