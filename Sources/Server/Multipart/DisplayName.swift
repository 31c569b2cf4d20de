/// Makes a client's file name fit to be kept and shown. It is never part of a path: this only keeps it from looking like
/// one, or from doing tricks where it is printed.
enum DisplayName {
    /// In bytes of UTF-8, as file systems have it.
    static let maximumLength = 255

    static func make(from name: String?) -> String {
        let last = (name ?? "").split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }.last ?? ""
        var visible = String.UnicodeScalarView(last.unicodeScalars.filter(isHarmless))
        while visible.first?.properties.isWhitespace ?? false { visible.removeFirst() }
        while visible.last?.properties.isWhitespace ?? false { visible.removeLast() }
        let cleaned = String(visible)
        return cleaned.allSatisfy { $0 == "." } ? "file" : shortened(cleaned)
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        // `format` holds what turns the direction of text, and so "gpj.exe" into "exe.jpg"; the joiner holds emoji together.
        case .format: scalar == "\u{200D}"
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: false
        default: true
        }
    }

    /// Cuts the stem, so that the extension still says what the file is.
    private static func shortened(_ name: String) -> String {
        guard name.utf8.count > maximumLength else { return name }
        let dot = name.lastIndex(of: ".").flatMap { name[$0...].utf8.count <= 16 ? $0 : nil } ?? name.endIndex
        let room = maximumLength - name[dot...].utf8.count
        var stem = ""
        var length = 0
        for character in name[..<dot] {
            length += character.utf8.count
            if length > room { break }
            stem.append(character)
        }
        return stem + name[dot...]
    }
}
