/// Directories as they lie in a file (TIFF 6.0, section 2): one after another, then the values that their entries cannot hold
/// themselves.
struct TIFFTables {
    private(set) var bytes: [UInt8] = []
    private let start: Int
    private let order: ByteOrder

    /// - Parameters:
    ///   - directories: the entries of each, in the order of their tags.
    ///   - start: where the first one will lie, in bytes from the begin of the file; even.
    init(_ directories: [[TIFFEntry]], at start: Int, _ order: ByteOrder) {
        self.start = start
        self.order = order
        let end = start + directories.reduce(0) { $0 + Self.byteCount(entryCount: $1.count) }
        let entries = directories.flatMap { $0 }
        let places = Self.places(of: entries, from: end)
        var index = 0
        for directory in directories {
            bytes.append(directory.count, byteCount: 2, order)
            for entry in directory {
                append(entry, places[index])
                index += 1
            }
            // No directory follows.
            bytes.append(0, byteCount: 4, order)
        }
        for (entry, place) in zip(entries, places) where place > 0 { put(entry.value, at: place) }
    }

    /// Bytes of a directory.
    static func byteCount(entryCount: Int) -> Int { 2 + 12 * entryCount + 4 }

    private mutating func append(_ entry: TIFFEntry, _ place: Int) {
        bytes.append(entry.tag, byteCount: 2, order)
        bytes.append(entry.type, byteCount: 2, order)
        bytes.append(entry.count, byteCount: 4, order)
        if place > 0 {
            bytes.append(place, byteCount: 4, order)
        } else {
            bytes += entry.value + [UInt8](repeating: 0, count: 4 - entry.value.count)
        }
    }

    private mutating func put(_ value: [UInt8], at place: Int) {
        let target = place - start..<place - start + value.count
        bytes += [UInt8](repeating: 0, count: max(0, target.upperBound - bytes.count))
        bytes.replaceSubrange(target, with: value)
    }

    /// As far into a file, in bytes, room is made for a value to stay where it was: a JPEG's EXIF block is no longer.
    private static let reach = 65_535

    /// Where values lie; 0 for those that stand in their entries.
    ///
    /// Offsets in a camera maker's note count, with some makers, from the begin of the file, so it stays where it was as far
    /// as there is room, and others go before it where they fit.
    private static func places(of entries: [TIFFEntry], from start: Int) -> [Int] {
        var places = [Int](repeating: 0, count: entries.count)
        var end = start
        var far = entries.indices.filter { entries[$0].value.count > 4 }
        if let note = far.first(where: { entries[$0].tag == TIFFDirectory.Tag.makerNote.rawValue }),
            let place = entries[note].place, (start...max(start, reach)).contains(place)
        {
            places[note] = place
            for index in far where index != note && end + entries[index].value.count <= place {
                places[index] = end
                end = (end + entries[index].value.count + 1) & ~1
            }
            far.removeAll { places[$0] > 0 }
            end = (place + entries[note].value.count + 1) & ~1
        }
        for index in far {
            places[index] = end
            end = (end + entries[index].value.count + 1) & ~1
        }
        return places
    }
}
