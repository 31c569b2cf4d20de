import CLibTIFF
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// TIFF files by libtiff: compressed ones, and those of tiles.
package struct LibTIFF {
    /// By their numbers in TIFF 6.0 and its supplements.
    package enum Compression: Int32 {
        case none = 1
        case faxRuns = 2
        case fax3 = 3
        case fax4 = 4
        case lzw = 5
        case jpeg = 7
        case deflate = 8
        case packBits = 32_773
    }

    package let width, height, bits, channels: Int
    package let compression: Compression
    /// Row by row, each from a byte of its own; 16 bits in the machine's byte order. Plane by plane where `isPlanar`.
    package let samples: [UInt8]
    /// 0 and 1 gray, 2 RGB, 6 luma and chroma, which are made of RGB.
    package var photometric: Int32
    /// Bytes are differences from the pixel to the left.
    package var hasPredictor = false
    package var isPlanar = false
    package var isBigEndian = false
    /// BigTIFF, whose offsets have 64 bits.
    package var isBig = false
    /// Both sides of a tile, a multiple of 16; strips where left out.
    package var tileSide: Int?
    package var rowsPerStrip = 9

    package init(
        _ width: Int, _ height: Int, bits: Int = 8, channels: Int = 3, _ compression: Compression, samples: [UInt8]
    ) {
        (self.width, self.height, self.bits, self.channels) = (width, height, bits, channels)
        (self.compression, self.samples) = (compression, samples)
        photometric = channels == 1 ? 1 : 2
    }

    /// Empty where libtiff does not write it.
    package var bytes: [UInt8] {
        let file = TemporaryFile()
        let mode = (isBigEndian ? "wb" : "wl") + (isBig ? "8" : "")
        guard let tiff = unsafe TIFFFdOpen(file.otherDescriptor(), "test", mode) else { return [] }
        var fields: [(Int32, Int32)] = [
            (TIFFTAG_IMAGEWIDTH, Int32(width)), (TIFFTAG_IMAGELENGTH, Int32(height)),
            (TIFFTAG_BITSPERSAMPLE, Int32(bits)), (TIFFTAG_SAMPLESPERPIXEL, Int32(channels)),
            (TIFFTAG_PHOTOMETRIC, photometric), (TIFFTAG_PLANARCONFIG, isPlanar ? 2 : 1),
            (TIFFTAG_COMPRESSION, compression.rawValue),
        ]
        if let tileSide {
            fields += [(TIFFTAG_TILEWIDTH, Int32(tileSide)), (TIFFTAG_TILELENGTH, Int32(tileSide))]
        } else {
            fields.append((TIFFTAG_ROWSPERSTRIP, Int32(rowsPerStrip)))
        }
        if hasPredictor { fields.append((TIFFTAG_PREDICTOR, 2)) }
        if compression == .jpeg { fields += [(TIFFTAG_JPEGQUALITY, 95), (TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB)] }
        for (tag, value) in fields {
            unsafe withVaList([value]) { unsafe _ = TIFFVSetField(tiff, UInt32(tag), $0) }
        }
        let planeCount = isPlanar ? channels : 1
        for plane in 0..<planeCount {
            let start = plane * (samples.count / planeCount)
            let rows = (0..<height).map { y in
                Array(samples[start + y * rowByteCount..<start + (y + 1) * rowByteCount])
            }
            if let tileSide {
                unsafe write(tiles(of: rows, tileSide), plane, to: tiff)
            } else {
                for (y, row) in rows.enumerated() {
                    var row = row
                    unsafe _ = TIFFWriteScanline(tiff, &row, UInt32(y), UInt16(plane))
                }
            }
        }
        unsafe TIFFClose(tiff)
        return file.bytes
    }

    private var rowByteCount: Int { (width * (isPlanar ? 1 : channels) * bits + 7) / 8 }

    private typealias Tile = (x: Int, y: Int, bytes: [UInt8])

    /// What lies beyond the picture is 0.
    private func tiles(of rows: [[UInt8]], _ side: Int) -> [Tile] {
        let pixelByteCount = (isPlanar ? 1 : channels) * bits / 8
        return stride(from: 0, to: height, by: side).flatMap { top in
            stride(from: 0, to: width, by: side).map { left in
                var tile = [UInt8](repeating: 0, count: side * side * pixelByteCount)
                for y in top..<min(top + side, height) {
                    let part = rows[y][left * pixelByteCount..<min(left + side, width) * pixelByteCount]
                    let start = (y - top) * side * pixelByteCount
                    tile.replaceSubrange(start..<start + part.count, with: part)
                }
                return (left, top, tile)
            }
        }
    }

    private func write(_ tiles: [Tile], _ plane: Int, to tiff: OpaquePointer) {
        for (x, y, bytes) in tiles {
            var bytes = bytes
            unsafe _ = TIFFWriteTile(tiff, &bytes, UInt32(x), UInt32(y), 0, UInt16(plane))
        }
    }

    /// Reads a file to RGBA, the colours multiplied with alpha, by libtiff's own conversion.
    package static func pixels(of file: [UInt8], _ width: Int, _ height: Int) -> [UInt8] {
        let copy = TemporaryFile(file)
        guard let tiff = unsafe TIFFFdOpen(copy.otherDescriptor(), "test", "r") else { return [] }
        defer { unsafe TIFFClose(tiff) }
        var pixels = [UInt32](repeating: 0, count: width * height)
        let isRead = unsafe TIFFReadRGBAImageOriented(
            tiff, UInt32(width), UInt32(height), &pixels, ORIENTATION_TOPLEFT, 1)
        return isRead == 0 ? [] : pixels.flatMap { [UInt8](little: $0) }
    }
}

/// A file without a name, which goes with its last descriptor.
private struct TemporaryFile: ~Copyable {
    private let descriptor: Int32

    init(_ bytes: [UInt8] = []) {
        let folder = FileManager.default.temporaryDirectory.path
        var path = Array("\(folder)/tintype-test-XXXXXX".utf8CString)
        descriptor = unsafe mkstemp(&path)
        unsafe unlink(path)
        unsafe _ = pwrite(descriptor, bytes, bytes.count, 0)
    }

    deinit { close(descriptor) }

    /// For one who closes it.
    func otherDescriptor() -> Int32 { dup(descriptor) }

    var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(lseek(descriptor, 0, SEEK_END)))
        let count = bytes.count
        unsafe _ = pread(descriptor, &bytes, count, 0)
        return bytes
    }
}
