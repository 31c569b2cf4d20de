import CTIFF
import Imaging

/// Owns libtiff's reader, and has checked its tags against each other and against the file before anything is decoded.
@safe final class TIFFReader {
    private let image: EncodedImage
    private let handle: OpaquePointer
    private(set) var tags = ctiff_tags()
    private(set) var samples = TIFFSamples()
    private(set) var bandShape = TIFFBandShape()

    /// Larger pictures, in pixels, are nobody's. No limit of ours is as high, and with it no sum of a picture's bytes overflows.
    static let largestArea = 1 << 40

    init(_ image: EncodedImage) throws(DecodeError) {
        let place = image.withBytes { bytes -> Int? in
            let directory = Self.directory(of: image, bytes)
            return directory.flatMap { $0.isWhole(bytes) ? $0.offset : nil }
        }
        guard let place else { throw .truncated }
        let bytes = unsafe image.pointer.bindMemory(to: UInt8.self)
        var handle: OpaquePointer?
        let reason = unsafe String(unsafeUninitializedCapacity: 200) { text in
            unsafe text.withMemoryRebound(to: CChar.self) { text in
                unsafe text.initialize(repeating: 0)
                unsafe handle = ctiff_reader_open(
                    bytes.baseAddress, bytes.count, UInt64(place), text.baseAddress, text.count)
                return unsafe text.firstIndex(of: 0) ?? text.count
            }
        }
        guard let handle = unsafe handle else { throw .malformed(.tiff, reason: reason) }
        self.image = image
        unsafe self.handle = handle
        unsafe ctiff_reader_tags(handle, &tags)
        try checkTags()
        samples = try TIFFSamples(tags, palette: palette)
        if samples.layout == .convertedByLibrary, unsafe ctiff_reader_can_convert(handle) == 0 {
            throw .unsupported(.tiff, reason: message)
        }
        bandShape = try TIFFBandShape(tags, samples)
    }

    deinit { unsafe ctiff_reader_close(handle) }

    var size: Size { Size(width: Int(tags.width), height: Int(tags.height)) }

    var header: ImageHeader {
        var header = ImageHeader(format: .tiff, storedSize: size, hasAlpha: samples.hasAlpha)
        header.orientation = Orientation(rawValue: UInt8(truncatingIfNeeded: min(tags.orientation, 255))) ?? .upright
        header.isGray = samples.isGray
        header.heldBandByteCount = bandShape.heldByteCount
        header.isDeep = samples.isDeep
        return header
    }

    var facts: ImageFacts {
        // The tags that EXIF made its own are those of the file itself.
        ImageFacts(
            samples.colorMode, bitDepth: samples.bits,
            exif: image.withBytes { bytes in Self.directory(of: image, bytes).map { EXIF($0, bytes) } } ?? EXIF())
    }

    /// That of the page which is meant.
    private static func directory(of image: EncodedImage, _ bytes: Span<UInt8>) -> TIFFDirectory? {
        TIFFLayout(bytes).flatMap { TIFFPages($0).directory(image.page, in: bytes) }
    }

    var metadata: PictureMetadata {
        image.withBytes { bytes in
            let directory = Self.directory(of: image, bytes)
            return PictureMetadata(
                exif: directory.flatMap { EXIFBlock($0, bytes) },
                xmp: directory?.value(.xmp, bytes, limit: PictureMetadata.byteLimit),
                profile: withProfile { $0.array }, for: colorKind)
        }
    }

    /// To sRGB, where the picture is not in it and shall be.
    func transform(_ request: DecodeRequest) -> ColorTransform? {
        guard !request.keepsProfile, let colorKind else { return nil }
        return ColorTransform.from(
            withProfile { ColorProfile($0) }, of: colorKind, isDeep: request.keepsDepth && samples.isDeep)
    }

    /// `nil` where the samples themselves say what they mean, whatever profile the file has.
    private var colorKind: ColorKind? {
        switch samples.layout {
        case .gray: .gray
        case .palette, .rgb: .rgb
        case .cmyk: .cmyk(isInverted: false)
        case .lab, .convertedByLibrary: nil
        }
    }

    private func withProfile<R>(_ body: (Span<UInt8>) -> R?) -> R? {
        var count = 0
        guard let profile = unsafe ctiff_reader_profile(handle, &count) else { return nil }
        return body(unsafe Span(_unsafeStart: profile, count: count))
    }

    /// Decompresses a strip or tile.
    func readBlock(_ block: Int, into bytes: inout MutableSpan<UInt8>) throws(DecodeError) {
        let isRead = unsafe bytes.withUnsafeMutableBufferPointer { bytes in
            unsafe ctiff_reader_read_block(handle, UInt32(block), bytes.baseAddress, bytes.count)
        }
        try check(isRead)
    }

    /// Decompresses the next row.
    func readRow(_ y: Int, into bytes: inout MutableSpan<UInt8>) throws(DecodeError) {
        let isRead = unsafe bytes.withUnsafeMutableBufferPointer { bytes in
            unsafe ctiff_reader_read_row(handle, UInt32(y), bytes.baseAddress)
        }
        try check(isRead)
    }

    /// Decodes a strip or tile to RGBA by libtiff's own conversion, whole even where it reaches over the picture's edge.
    func convertBlock(x: Int, y: Int, into pixels: inout [UInt8]) throws(DecodeError) {
        let isRead = unsafe pixels.withUnsafeMutableBytes { pixels in
            unsafe ctiff_reader_convert_block(
                handle, UInt32(x), UInt32(y), pixels.assumingMemoryBound(to: UInt32.self).baseAddress)
        }
        try check(isRead)
    }

    private func check(_ isRead: Int32) throws(DecodeError) {
        if unsafe ctiff_reader_is_cut(handle) != 0 { throw .truncated }
        guard isRead != 0 else { throw .malformed(.tiff, reason: message) }
    }

    private var message: String { unsafe String(cString: ctiff_reader_message(handle)) }

    private func checkTags() throws(DecodeError) {
        guard tags.width > 0, tags.height > 0, tags.width <= Int32.max, tags.height <= Int32.max,
            size.area <= Self.largestArea
        else {
            throw .malformed(.tiff, reason: "\(size) pixels")
        }
        guard TIFFCompression.supported.contains(tags.compression) else {
            throw .unsupported(.tiff, reason: "compression \(tags.compression)")
        }
        // The sides of tiles are multiples of 16, and no writer makes them much larger than the picture.
        guard (1...max(4096, tags.width + 15)).contains(tags.block_width),
            (1...max(4096, tags.height + 15)).contains(tags.block_height)
        else {
            throw .malformed(.tiff, reason: "tiles of \(tags.block_width) × \(tags.block_height) pixels")
        }
        guard let count = expectedBlockCount, UInt32(exactly: count) == tags.block_count else {
            throw .malformed(.tiff, reason: "\(tags.block_count) strips or tiles")
        }
        if tags.compression == TIFFCompression.jpeg, tags.photometric == CTIFF_YCBCR {
            unsafe ctiff_reader_want_rgb(handle)
            tags.photometric = UInt16(CTIFF_RGB)
        }
        try checkExtents()
    }

    private var expectedBlockCount: Int? {
        let across = (Int(tags.width) - 1) / Int(tags.block_width) + 1
        let down = (Int(tags.height) - 1) / Int(tags.block_height) + 1
        let (count, overflows) = (across * down).multipliedReportingOverflow(
            by: tags.is_planar != 0 ? Int(tags.samples_per_pixel) : 1)
        return overflows ? nil : count
    }

    /// Whether every strip or tile lies in the file.
    private func checkExtents() throws(DecodeError) {
        for block in 0..<tags.block_count {
            var offset: UInt64 = 0, count: UInt64 = 0
            guard unsafe ctiff_reader_block_extent(handle, block, &offset, &count) != 0, count > 0 else {
                throw .malformed(.tiff, reason: "strip or tile \(block) is nowhere")
            }
            let (end, overflows) = offset.addingReportingOverflow(count)
            guard !overflows, end <= UInt64(image.byteCount) else { throw .truncated }
        }
    }

    private var palette: [Color] {
        guard tags.photometric == CTIFF_PALETTE, tags.bits_per_sample <= 8 else { return [] }
        var red: UnsafePointer<UInt16>?, green: UnsafePointer<UInt16>?, blue: UnsafePointer<UInt16>?
        guard unsafe ctiff_reader_palette(handle, &red, &green, &blue) != 0,
            let red = unsafe red, let green = unsafe green, let blue = unsafe blue
        else { return [] }
        let indices = 0..<1 << Int(tags.bits_per_sample)
        // 16 bits by the specification, but some writers put 8 there.
        let isWide = indices.contains { unsafe max(red[$0], max(green[$0], blue[$0])) > 255 }
        let scale = { (value: UInt16) in UInt8(truncatingIfNeeded: isWide ? value >> 8 : value) }
        return indices.map { unsafe Color(red: scale(red[$0]), green: scale(green[$0]), blue: scale(blue[$0])) }
    }
}

/// Kinds of compression that are read: those that cameras, scanners and editors write. libtiff has more, which few files need
/// and which were the way in for many attacks.
enum TIFFCompression {
    static let jpeg: UInt16 = 7
    /// None, CCITT 2 to 4, LZW, JPEG, Deflate under both of its numbers, PackBits.
    static let supported: Set<UInt16> = [1, 2, 3, 4, 5, jpeg, 8, 32_946, 32_773]
}
