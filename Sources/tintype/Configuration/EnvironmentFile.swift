#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A file of `NAME=value` lines, comments and empty lines. Quotes around a value are none of it; a `#` behind a space begins
/// a comment.
///
/// Read here and not by the configuration library, which passes over a line that it cannot read: a setting with a slip of the
/// pen in it would be ignored.
enum EnvironmentFile {
    /// - Returns: the variables; none where there is no such file.
    /// - Throws: ``ConfigurationError/unusable(reason:)``.
    static func read(_ path: String) throws(ConfigurationError) -> [String: String] {
        guard FileManager.default.fileExists(atPath: path) else { return [:] }
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw .unusable(reason: "\(path) cannot be read as a file of UTF-8 text")
        }
        return try variables(in: text, of: path)
    }

    /// - Parameter path: names the file in errors. They do not quote its lines, which may hold secrets.
    static func variables(in text: String, of path: String) throws(ConfigurationError) -> [String: String] {
        var variables: [String: String] = [:]
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let line = trimmed(line)
            if line.isEmpty || line.hasPrefix("#") { continue }
            let equals = line.firstIndex(of: "=") ?? line.startIndex
            let name = trimmed(line[..<equals])
            guard isName(name) else {
                throw .unusable(reason: "\(path), line \(index + 1), is neither NAME=value nor a comment")
            }
            guard let value = value(of: line[equals...].dropFirst()) else {
                throw .unusable(reason: "\(path), line \(index + 1), has a quote that does not end, or more behind it")
            }
            variables[String(name)] = String(value)
        }
        return variables
    }

    /// Letters, digits and `_`, the first no digit (POSIX.1-2017, section 8.1).
    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, !(48...57).contains(first) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }

    /// What stands behind the `=`: within a pair of quotes just as it is, or up to a comment.
    ///
    /// - Returns: `nil` where a quote does not end, or anything but a comment follows it.
    private static func value(of text: Substring) -> Substring? {
        let content = trimmed(text)
        if let quote = content.first, quote == "\"" || quote == "'" {
            let quoted = content.dropFirst()
            guard let end = quoted.firstIndex(of: quote) else { return nil }
            let rest = trimmed(quoted[end...].dropFirst())
            return rest.isEmpty || rest.hasPrefix("#") ? quoted[..<end] : nil
        }
        let comment = text.indices.first { index in
            text[index] == "#" && index > text.startIndex && text[text.index(before: index)].isWhitespace
        }
        return trimmed(text[..<(comment ?? text.endIndex)])
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
