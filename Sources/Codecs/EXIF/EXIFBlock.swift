/// What an EXIF block says of a picture (EXIF 2.32, section 4.6), as it goes from one file into another: what describes it, and
/// how, when and where it was taken.
///
/// Values are taken as they are, so the byte order stays. The thumbnail, which shows what the picture was before, is left out,
/// and so are tags of the first directory that say how pixels are stored.
package struct EXIFBlock: Hashable, Sendable {
    let order: ByteOrder
    /// Of the first directory, which a TIFF has itself.
    private(set) var image: [TIFFEntry]
    private var photo: [TIFFEntry]
    private let place: [TIFFEntry]
    private var interoperability: [TIFFEntry]

    /// Description, make, model, resolution and its unit, software, time, artist, computer, ratings, copyright, and the texts
    /// that Windows has.
    private static let imageTags: Set<Int> = [
        0x010E, 0x010F, 0x0110, 0x011A, 0x011B, 0x0128, 0x0131, 0x0132, 0x013B, 0x013C, 0x4746, 0x4749, 0x8298, 0x9C9B,
        0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F,
    ]

    /// - Parameter block: a TIFF structure, as JPEG, PNG and WebP hold it.
    /// - Returns: `nil` where nothing in it can be read.
    init?(_ block: Span<UInt8>) {
        guard let read = TIFFDirectory.inEXIF(block, { Self($0, $1) }) else { return nil }
        self = read
    }

    /// - Parameters:
    ///   - directory: the first one, of a block or of a TIFF.
    ///   - bytes: the file or block that it lies in.
    init?(_ directory: TIFFDirectory, _ bytes: Span<UInt8>) {
        var left = PictureMetadata.byteLimit
        order = directory.layout.order
        image = directory.entries(bytes, left: &left) { Self.imageTags.contains($0) }
        let photo = directory.directory(.exif, bytes)
        self.photo = photo?.entries(bytes, left: &left) { $0 != TIFFDirectory.Tag.interoperability.rawValue } ?? []
        interoperability = photo?.directory(.interoperability, bytes)?.entries(bytes, left: &left) ?? []
        place = directory.directory(.gps, bytes)?.entries(bytes, left: &left) ?? []
        if image.isEmpty, self.photo.isEmpty, place.isEmpty { return nil }
    }

    /// Says that the picture is upright and of a size, in pixels.
    mutating func describe(_ width: Int, _ height: Int) {
        image.set(TIFFEntry(.orientation, short: 1, order))
        photo.replace(TIFFEntry(.pixelWidth, long: width, order))
        photo.replace(TIFFEntry(.pixelHeight, long: height, order))
    }

    /// Says that the colours are sRGB's.
    mutating func describeAsSRGB() {
        photo.replace(TIFFEntry(.colorSpace, short: 1, order))
        // It may name Adobe RGB instead (DCF 2.0, option file).
        interoperability = []
    }

    /// A TIFF structure that holds nothing else, for JPEG, PNG and WebP.
    var bytes: [UInt8] {
        var header = Array((order == .littleEndian ? "II" : "MM").utf8)
        header.append(42, byteCount: 2, order)
        header.append(8, byteCount: 4, order)
        return header + tables(at: 8)
    }

    /// The directories as they lie in a file, the first one first.
    ///
    /// - Parameters:
    ///   - start: where that will lie, in bytes from the begin of the file.
    ///   - others: what the first directory holds besides; none of its tags is one of ours.
    func tables(at start: Int, with others: [TIFFEntry] = []) -> [UInt8] {
        var first = image, photo = photo
        others.forEach { first.set($0) }
        let holdsPhoto = !photo.isEmpty || !interoperability.isEmpty
        let firstCount = first.count + (holdsPhoto ? 1 : 0) + (place.isEmpty ? 0 : 1)
        var end = start + TIFFTables.byteCount(entryCount: firstCount)
        if holdsPhoto {
            first.set(TIFFEntry(.exif, long: end, order))
            end += TIFFTables.byteCount(entryCount: photo.count + (interoperability.isEmpty ? 0 : 1))
        }
        if !place.isEmpty {
            first.set(TIFFEntry(.gps, long: end, order))
            end += TIFFTables.byteCount(entryCount: place.count)
        }
        if !interoperability.isEmpty { photo.set(TIFFEntry(.interoperability, long: end, order)) }
        return TIFFTables([first] + [photo, place, interoperability].filter { !$0.isEmpty }, at: start, order).bytes
    }
}
