/// A directory of tags (TIFF 6.0, section 2), in a file or in an EXIF block.
///
/// Every offset and count in it is a stranger's. What leads outside the bytes counts as absent; only directories that
/// were asked for by their tag are read, each from front to back, so no file can make this loop.
struct TIFFDirectory {
    let layout: TIFFLayout
    /// Where it begins.
    let offset: Int
    /// Where the first entry begins.
    private let start: Int
    private let entryCount: Int

    /// As many as a classic TIFF can count; a BigTIFF could claim to have more than anyone should look through.
    private static let mostEntries = 65_535

    init?(_ layout: TIFFLayout, at offset: Int, _ bytes: Span<UInt8>) {
        guard offset <= bytes.count, let count = layout.number(bytes, offset, size: layout.countSize) else {
            return nil
        }
        self.layout = layout
        self.offset = offset
        start = offset + layout.countSize
        entryCount = count
    }

    /// Whether it lies inside the file. It is usually written last, so a file that is cut lacks it.
    func isWhole(_ bytes: Span<UInt8>) -> Bool { entryCount <= (bytes.count - start) / layout.entrySize }

    /// The one that follows; `nil` behind the last one.
    func next(_ bytes: Span<UInt8>) -> TIFFDirectory? {
        guard isWhole(bytes),
            let offset = layout.number(bytes, start + entryCount * layout.entrySize, size: layout.offsetSize),
            offset > 0
        else { return nil }
        return TIFFDirectory(layout, at: offset, bytes)
    }

    /// A single 16-bit number.
    func short(_ tag: Tag, _ bytes: Span<UInt8>) -> Int? {
        guard let entry = entry(tag, bytes), entry.type == 3, entry.count == 1 else { return nil }
        // It lies at the front of the bytes of the value, in either order.
        return layout.number(bytes, entry.value, size: 2)
    }

    /// Printable ASCII, without what surrounds it; `nil` where nothing is left.
    ///
    /// Type 2 is 7-bit ASCII by the specification. What else is there is dropped: whoever made the file shall not write
    /// lines or control characters into what is shown.
    func text(_ tag: Tag, _ bytes: Span<UInt8>) -> String? {
        guard let entry = entry(tag, bytes), entry.type == 2, entry.count > 0 else { return nil }
        var place = entry.value
        if entry.count > layout.offsetSize {
            guard let offset = layout.number(bytes, place, size: layout.offsetSize) else { return nil }
            place = offset
        }
        guard place <= bytes.count, entry.count <= bytes.count - place else { return nil }
        var letters: [UInt8] = []
        for i in place..<place + min(entry.count, Self.longestText) {
            if bytes[i] == 0 { break }
            if (0x20...0x7E).contains(bytes[i]) { letters.append(bytes[i]) }
        }
        let isBlank = { (letter: UInt8) in letter == 0x20 }
        let trimmed = letters.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
        return trimmed.isEmpty ? nil : String(decoding: trimmed, as: UTF8.self)
    }

    /// No name of a camera is longer, in bytes.
    private static let longestText = 100

    /// The directory that an entry points to.
    func directory(_ tag: Tag, _ bytes: Span<UInt8>) -> TIFFDirectory? {
        // Types 4 and 13 are 32-bit offsets, 16 and 18 those of BigTIFF.
        guard let entry = entry(tag, bytes), entry.count == 1, [4, 13, 16, 18].contains(entry.type),
            let offset = layout.number(bytes, entry.value, size: entry.type >= 16 ? 8 : 4)
        else { return nil }
        return TIFFDirectory(layout, at: offset, bytes)
    }

    private func entry(_ tag: Tag, _ bytes: Span<UInt8>) -> Entry? {
        for index in entryIndices {
            guard let number = layout.number(bytes, start + index * layout.entrySize, size: 2) else { return nil }
            if number == tag.rawValue { return entry(at: index, bytes) }
        }
        return nil
    }

    /// An entry, and where the bytes for its value begin.
    typealias Entry = (tag: Int, type: Int, count: Int, value: Int)

    /// Of the entries that are looked at.
    var entryIndices: Range<Int> { 0..<min(entryCount, Self.mostEntries) }

    /// - Returns: `nil` where the entry lies outside the bytes.
    func entry(at index: Int, _ bytes: Span<UInt8>) -> Entry? {
        let offset = start + index * layout.entrySize
        guard let tag = layout.number(bytes, offset, size: 2), let type = layout.number(bytes, offset + 2, size: 2),
            let count = layout.number(bytes, offset + 4, size: layout.offsetSize)
        else { return nil }
        return (tag, type, count, offset + 4 + layout.offsetSize)
    }

    enum Tag: Int {
        case xmp = 0x02BC
        case make = 0x010F
        case model = 0x0110
        case orientation = 0x0112
        /// Where EXIF's own directory is.
        case exif = 0x8769
        case profile = 0x8773
        /// Where the directory is that tells the place.
        case gps = 0x8825
        case dateTimeOriginal = 0x9003
        case makerNote = 0x927C
        case colorSpace = 0xA001
        case pixelWidth = 0xA002
        case pixelHeight = 0xA003
        /// Where the directory is that names the rules that the file follows.
        case interoperability = 0xA005
    }
}
