/// An entry of a directory of tags (TIFF 6.0, section 2), taken out of its file.
struct TIFFEntry: Hashable, Sendable {
    let tag: Int
    let type: Int
    let count: Int
    /// In its file's byte order. Up to four bytes stand in the entry itself.
    let value: [UInt8]
    /// Where the value lay, in bytes from the begin of the file or block.
    var place: Int?

    /// Bytes of one value of each type: those of TIFF 6.0, and the UTF-8 of EXIF 3.0. BigTIFF's own fit into no other file.
    private static let sizes = [
        1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 129: 1,
    ]

    init(tag: Int, type: Int, count: Int, value: [UInt8]) {
        (self.tag, self.type, self.count, self.value) = (tag, type, count, value)
    }

    /// One number of 16 bits.
    init(_ tag: TIFFDirectory.Tag, short number: Int, _ order: ByteOrder) {
        var value: [UInt8] = []
        value.append(number, byteCount: 2, order)
        self.init(tag: tag.rawValue, type: 3, count: 1, value: value)
    }

    /// One number of 32 bits.
    init(_ tag: TIFFDirectory.Tag, long number: Int, _ order: ByteOrder) {
        var value: [UInt8] = []
        value.append(number, byteCount: 4, order)
        self.init(tag: tag.rawValue, type: 4, count: 1, value: value)
    }

    /// Bytes, whatever they mean.
    init(_ tag: TIFFDirectory.Tag, type: Int, bytes: [UInt8]) {
        self.init(tag: tag.rawValue, type: type, count: bytes.count, value: bytes)
    }

    /// Takes an entry out of its file.
    ///
    /// - Returns: `nil` where its value is of no known type, is longer than `limit` bytes or lies outside `bytes`.
    init?(_ entry: TIFFDirectory.Entry, _ layout: TIFFLayout, _ bytes: Span<UInt8>, limit: Int) {
        guard let size = Self.sizes[entry.type] else { return nil }
        let (byteCount, overflows) = entry.count.multipliedReportingOverflow(by: size)
        guard !overflows, byteCount > 0, byteCount <= limit else { return nil }
        var place = entry.value
        if byteCount > layout.offsetSize {
            guard let offset = layout.number(bytes, place, size: layout.offsetSize) else { return nil }
            place = offset
        }
        guard place <= bytes.count, byteCount <= bytes.count - place else { return nil }
        self.init(
            tag: entry.tag, type: entry.type, count: entry.count,
            value: bytes.extracting(place..<place + byteCount).array)
        self.place = place
    }
}

extension TIFFDirectory {
    /// Takes entries out of the file, in the order of their tags and each tag once; those that cannot be read are left out.
    ///
    /// - Parameter left: how many bytes may be taken; what is more is left out as well.
    func entries(
        _ bytes: Span<UInt8>, left: inout Int, where isWanted: (Int) -> Bool = { _ in true }
    ) -> [TIFFEntry] {
        var found: [Int: TIFFEntry] = [:]
        for index in entryIndices {
            guard let entry = entry(at: index, bytes) else { break }
            guard isWanted(entry.tag), found[entry.tag] == nil,
                let taken = TIFFEntry(entry, layout, bytes, limit: left)
            else { continue }
            left -= taken.value.count
            found[entry.tag] = taken
        }
        return found.values.sorted()
    }

    /// The bytes of a value, whatever they mean; `nil` where there are none or more than `limit`.
    func value(_ tag: Tag, _ bytes: Span<UInt8>, limit: Int) -> [UInt8]? {
        var left = limit
        return entries(bytes, left: &left) { $0 == tag.rawValue }.first?.value
    }

    /// The entries as they stand in the directory, for a new one in the same file: what does not fit in stays where it is.
    func references(_ bytes: Span<UInt8>) -> [TIFFEntry] {
        entryIndices.compactMap { index in
            guard let entry = entry(at: index, bytes), entry.value <= bytes.count - layout.offsetSize else {
                return nil
            }
            return TIFFEntry(
                tag: entry.tag, type: entry.type, count: entry.count,
                value: bytes.extracting(entry.value..<entry.value + layout.offsetSize).array)
        }
    }
}

extension TIFFEntry: Comparable {
    static func < (a: TIFFEntry, b: TIFFEntry) -> Bool { a.tag < b.tag }
}

extension [TIFFEntry] {
    /// Puts an entry in the place of the one with its tag, or where its tag belongs.
    mutating func set(_ entry: TIFFEntry) {
        removeAll { $0.tag == entry.tag }
        insert(entry, at: firstIndex { $0 > entry } ?? endIndex)
    }

    /// The same where there is one with its tag.
    mutating func replace(_ entry: TIFFEntry) {
        if contains(where: { $0.tag == entry.tag }) { set(entry) }
    }
}
