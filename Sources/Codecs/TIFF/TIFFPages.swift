/// The directories of a TIFF, each of which leads to the next (TIFF 6.0, section 2).
struct TIFFPages {
    private let layout: TIFFLayout

    init(_ layout: TIFFLayout) { self.layout = layout }

    /// Counts directories; one that leads back to an earlier one is the last.
    ///
    /// - Parameter limit: where counting may end.
    func count(in bytes: Span<UInt8>, upTo limit: Int) -> Int { directories(upTo: limit, in: bytes).count }

    /// - Parameter page: counted from 1.
    /// - Returns: `nil` where there are not so many.
    func directory(_ page: Int, in bytes: Span<UInt8>) -> TIFFDirectory? {
        let directories = directories(upTo: page, in: bytes)
        return directories.count == page ? directories.last : nil
    }

    private func directories(upTo limit: Int, in bytes: Span<UInt8>) -> [TIFFDirectory] {
        var found: [TIFFDirectory] = []
        var offsets: Set<Int> = []
        var next = layout.firstDirectory(bytes)
        while let directory = next, found.count < limit, offsets.insert(directory.offset).inserted {
            found.append(directory)
            next = directory.next(bytes)
        }
        return found
    }
}
