import CTIFF
import Imaging

/// The measures of a TIFF's bands, of which its decoder holds one at a time: the rows of a strip, of all tiles side by side,
/// or a single one.
struct TIFFBandShape {
    /// Whether rows can be decoded one by one. Small strips are decoded whole instead, which Deflate does faster.
    private(set) var readsRows = false
    /// In rows.
    private(set) var height = 1
    /// The bytes of a row of one strip or tile: as the file has it after decompression, or RGBA where libtiff converts it.
    private(set) var blockRowByteCount = 1
    /// The same of all strips or tiles side by side.
    private(set) var rowByteCount = 1
    /// Of all planes.
    private(set) var byteCount = 1
    /// A tile's, before it is put in its place; 0 where strips are decompressed right there.
    private(set) var tileByteCount = 0
    /// Bytes that the decoder holds, at most.
    private(set) var heldByteCount = 0

    /// What small pictures in large tiles may take beyond their own size, in bytes.
    private static let slack = 128 << 20
    /// The size of strips, in bytes, from which on they are read row by row.
    private static let largeStrip = 1 << 22

    init() {}

    /// - Parameter tags: of no more than ``TIFFReader/largestArea``; the file chooses the rest, so every product is checked.
    /// - Throws: ``DecodeError/malformed(_:reason:)`` where strips or tiles are far larger than the picture.
    init(_ tags: ctiff_tags, _ samples: TIFFSamples) throws(DecodeError) {
        let isConverted = samples.layout == .convertedByLibrary
        let width = Int(tags.block_width)
        let rawRow = (try times(width, samples.perPixelInBlock * samples.bits) - 1) / 8 + 1
        let rawBlock = try times(rawRow, Int(tags.block_height))
        readsRows = tags.is_tiled == 0 && tags.is_planar == 0 && !isConverted && rawBlock > Self.largeStrip
        height = readsRows ? 1 : Int(tags.block_height)
        blockRowByteCount = isConverted ? try times(width, 4) : rawRow
        rowByteCount = try times(blockRowByteCount, (Int(tags.width) - 1) / width + 1)
        let planeCount = tags.is_planar != 0 && !isConverted ? samples.usedCount : 1
        byteCount = try times(try times(rowByteCount, height), planeCount)
        if tags.is_tiled != 0 || isConverted { tileByteCount = try times(blockRowByteCount, height) }

        let size = Size(width: Int(tags.width), height: Int(tags.height))
        let picture = try times(size.area, max(4, samples.perPixel * samples.bits / 8))
        // Tiles may reach over the edge, but not so that a picture of one row takes the memory of thousands.
        guard byteCount / 2 - Self.slack <= picture else { throw Self.tooLarge(tags) }

        let unpackedRow = try times(size.width, samples.perPixel * (samples.isDeep ? 2 : 1))
        // What libtiff converts it has decompressed into memory of its own.
        heldByteCount = byteCount + tileByteCount + unpackedRow + (isConverted ? rawBlock : 0)

        func times(_ one: Int, _ other: Int) throws(DecodeError) -> Int {
            let (product, overflows) = one.multipliedReportingOverflow(by: other)
            guard !overflows else { throw Self.tooLarge(tags) }
            return product
        }
    }

    private static func tooLarge(_ tags: ctiff_tags) -> DecodeError {
        .malformed(.tiff, reason: "strips or tiles of \(tags.block_width) × \(tags.block_height) pixels")
    }
}
