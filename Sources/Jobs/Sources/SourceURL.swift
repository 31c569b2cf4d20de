/// A URL as a user gave it, checked and brought into one form: `http` or `https`, no credentials, no fragment.
///
/// Equal ones ask for the same. Whether the place may be asked at all is for ``URLRules`` to say.
package struct SourceURL: Hashable, Sendable {
    package enum Scheme: String, Sendable {
        case http, https

        package var port: UInt16 { self == .http ? 80 : 443 }
    }

    package enum Host: Hashable, Sendable {
        /// In lower case; not ASCII where the user wrote it so.
        case name(String)
        case address(IPAddress)
    }

    /// Of a URL, as it is given and as it is sent, in bytes.
    package static let limit = 2048

    package let scheme: Scheme
    package let host: Host
    package let port: UInt16
    /// The host as a URL says it: an IPv4 address in decimal, whatever its spelling was.
    private let hostText: String
    /// Escaped, without `.` and `..`; begins with a slash.
    private let path: String
    /// Escaped; with its question mark, or empty.
    private let query: String

    package init(_ text: String) throws(SourceURLError) {
        // As bytes: a combining mark after a slash would make another character of it.
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.limit else { throw .tooLong(byteCount: bytes.count) }
        let isClean = text.unicodeScalars.allSatisfy { scalar in
            !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
        }
        guard isClean else { throw .character }
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[colon...].starts(with: "://".utf8),
            let scheme = Scheme(rawValue: String(decoding: bytes[..<colon], as: UTF8.self).lowercased())
        else { throw .scheme }
        self.scheme = scheme
        let rest = bytes[(colon + 3)...].prefix { $0 != UInt8(ascii: "#") }
        let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        (host, hostText, port) = try Self.read(authority, scheme)
        let target = rest[authority.endIndex...]
        let path = target.prefix { $0 != UInt8(ascii: "?") }
        self.path = Self.withoutDots(Self.escaped(path))
        query = Self.escaped(target[path.endIndex...])
        let byteCount = description.utf8.count
        guard byteCount <= Self.limit else { throw .tooLong(byteCount: byteCount) }
    }

    /// Where a reference of this URL's answer leads: the `Location` of a redirect (RFC 3986, section 5.2).
    package func resolving(_ reference: String) throws(SourceURLError) -> SourceURL {
        // Not allowed, but browsers take it, and so servers send it.
        let reference = reference.split(separator: " ", omittingEmptySubsequences: false).joined(separator: "%20")
        let bytes = reference.utf8
        let head = bytes.prefix { !"/?#".utf8.contains($0) }
        if head.contains(UInt8(ascii: ":")) { return try SourceURL(reference) }
        if bytes.starts(with: "//".utf8) { return try SourceURL("\(scheme.rawValue):\(reference)") }
        if bytes.first == UInt8(ascii: "/") { return try SourceURL(origin + reference) }
        if bytes.first == UInt8(ascii: "?") { return try SourceURL(origin + path + reference) }
        if head.isEmpty { return self }
        let folder = path.prefix(through: path.lastIndex(of: "/") ?? path.startIndex)
        return try SourceURL(origin + folder + reference)
    }

    /// Scheme, host, and the port where it is not the scheme's own.
    package var origin: String {
        "\(scheme.rawValue)://\(hostText)\(port == scheme.port ? "" : ":\(port)")"
    }
}

extension SourceURL: CustomStringConvertible {
    /// As it is sent; it can be read again.
    package var description: String { origin + path + query }
}

// MARK: Parts

extension SourceURL {
    private static func read(
        _ authority: ArraySlice<UInt8>, _ scheme: Scheme
    ) throws(SourceURLError) -> (Host, String, UInt16) {
        guard !authority.contains(UInt8(ascii: "@")) else { throw .credentials }
        let isBracketed = authority.first == UInt8(ascii: "[")
        let hostEnd =
            isBracketed
            ? authority.firstIndex(of: UInt8(ascii: "]")).map { $0 + 1 } ?? authority.endIndex
            : authority.firstIndex(of: UInt8(ascii: ":")) ?? authority.endIndex
        let hostText = String(decoding: authority[..<hostEnd], as: UTF8.self).lowercased()
        let port = try readPort(authority[hostEnd...]) ?? scheme.port
        if isBracketed {
            // No zone either: only addresses of one link have one.
            guard hostText.hasSuffix("]"), let address = IPAddress(String(hostText.dropFirst().dropLast())),
                address.bytes.count == 16
            else { throw .host(hostText) }
            return (.address(address), hostText, port)
        }
        return try readName(hostText, port)
    }

    private static func readPort(_ text: ArraySlice<UInt8>) throws(SourceURLError) -> UInt16? {
        let digits = String(decoding: text.dropFirst(), as: UTF8.self)
        guard text.first ?? UInt8(ascii: ":") == UInt8(ascii: ":"), digits.utf8.allSatisfy(isDigit) else {
            throw .port(digits)
        }
        guard !digits.isEmpty else { return nil }
        guard let port = UInt16(digits), port > 0 else { throw .port(digits) }
        return port
    }

    private static func readName(_ text: String, _ port: UInt16) throws(SourceURLError) -> (Host, String, UInt16) {
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        // The root's dot.
        let named = labels.count > 1 && labels.last?.isEmpty == true ? labels.dropLast() : labels[...]
        let isSound = named.allSatisfy { label in
            // What is not ASCII is for libidn2 to judge, and is longer once it is.
            !label.isEmpty && label.count <= (text.utf8.allSatisfy { $0 < 0x80 } ? 63 : limit)
                && label.allSatisfy { isLetter($0) || isDigit($0) || $0 == 0x2D || $0 == 0x5F || $0 >= 0x80 }
        }
        guard isSound, let last = named.last else { throw .host(text) }
        // A name that ends in a number is an address, or nothing (WHATWG URL, "ends in a number checker").
        guard last.allSatisfy(isDigit) || last.starts(with: "0x".utf8) else { return (.name(text), text, port) }
        let number = named.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".")
        guard let address = IPAddress(looseIPv4: number) else { throw .host(text) }
        return (.address(address), address.bytes.map(String.init).joined(separator: "."), port)
    }

    /// Escapes what no URL may hold (RFC 3986, appendix A), and leaves what is escaped.
    private static func escaped(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.reduce(into: "") { text, byte in
            if isLetter(byte | 0x20) || isDigit(byte) || "-._~:/?[]@!$&'()*+,;=%".utf8.contains(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "%" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
    }

    /// RFC 3986, section 5.2.4.
    private static func withoutDots(_ path: String) -> String {
        var kept: [Substring] = []
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for segment in segments {
            switch segment {
            case ".": break
            case "..": _ = kept.popLast()
            default: kept.append(segment)
            }
        }
        if segments.last == "." || segments.last == ".." { kept.append("") }
        return "/" + kept.joined(separator: "/")
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

/// Says which URLs may be tried.
package protocol URLRules: Sendable {
    /// Judges a URL by what it says itself: its port, and its host where that is an address. Where a name leads is judged
    /// when it is connected to.
    func allows(_ url: SourceURL) -> Bool
}

/// Which part of a URL is wrong.
package enum SourceURLError: Error, Hashable, Sendable {
    case tooLong(byteCount: Int)
    /// A space or a control character, anywhere.
    case character
    /// Missing, or not `http` or `https`.
    case scheme
    case credentials
    case host(String)
    case port(String)
}

extension SourceURLError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLong(let byteCount): "the URL is \(byteCount) bytes long; the limit is \(SourceURL.limit)"
        case .character: "the URL has a space or a control character in it"
        case .scheme: "the URL does not begin with http:// or https://"
        case .credentials: "the URL has a user name or a password in it"
        case .host(""): "the URL has no host"
        case .host(let host): "the URL's host \"\(host)\" is no name or address"
        case .port(let port): "the URL's port \"\(port)\" is not 1 to 65535"
        }
    }
}
