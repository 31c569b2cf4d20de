import CWebP
import Imaging

/// Owns the parts of a WebP container, and decodes the first frame.
@safe final class WebPReader {
    private let image: EncodedImage
    private let container: OpaquePointer
    private var frame = unsafe WebPIterator()

    init(_ image: EncodedImage) throws(DecodeError) {
        var source = unsafe Self.source(image)
        var state = WEBP_DEMUX_PARSE_ERROR
        guard let container = unsafe WebPDemuxPartial(&source, &state) else {
            throw state == WEBP_DEMUX_PARSING_HEADER
                ? .truncated : .malformed(.webp, reason: "the container is broken")
        }
        self.image = image
        unsafe self.container = container
        guard unsafe WebPDemuxGetFrame(container, 1, &frame) != 0, canvas.area > 0 else {
            throw state == WEBP_DEMUX_DONE ? .malformed(.webp, reason: "no picture inside") : .truncated
        }
    }

    deinit {
        unsafe WebPDemuxReleaseIterator(&frame)
        unsafe WebPDemuxDelete(container)
    }

    var header: ImageHeader {
        var header = ImageHeader(format: .webp, storedSize: canvas, hasAlpha: hasAlpha)
        header.orientation = orientation
        // libwebp has no interface to decode by rows alone.
        header.needsWholePicture = true
        header.heldBytesPerPixel = heldBytesPerPixel
        return header
    }

    /// Ours are four. Besides, libwebp keeps the whole picture of a lossless frame, four more; and of a lossy one the alpha that
    /// is beside it, one, while that is decoded as a lossless picture of one byte or four.
    private var heldBytesPerPixel: Int {
        var features = WebPBitstreamFeatures()
        let status = unsafe WebPGetFeatures(frame.fragment.bytes, frame.fragment.size, &features)
        guard status == VP8_STATUS_OK else { return 9 }
        let isLossless = features.format == 2
        return isLossless ? 8 : features.has_alpha != 0 ? 9 : 4
    }

    /// The file; its bytes stay as long as the reader.
    var source: WebPData { unsafe Self.source(image) }

    static func source(_ image: EncodedImage) -> WebPData {
        unsafe WebPData(bytes: image.pointer.bindMemory(to: UInt8.self).baseAddress, size: image.byteCount)
    }

    /// How often an animation is to be shown; 0 for ever.
    var playCount: Int { unsafe Int(WebPDemuxGetI(container, WEBP_FF_LOOP_COUNT)) }

    private var canvas: Size {
        unsafe Size(
            width: Int(WebPDemuxGetI(container, WEBP_FF_CANVAS_WIDTH)),
            height: Int(WebPDemuxGetI(container, WEBP_FF_CANVAS_HEIGHT)))
    }

    private var frameSize: Size { unsafe Size(width: Int(frame.width), height: Int(frame.height)) }

    private var hasAlpha: Bool { unsafe frame.has_alpha != 0 || frameSize != canvas }

    var facts: ImageFacts {
        ImageFacts(
            hasAlpha ? .rgba : .rgb, bitDepth: 8,
            frameCount: unsafe Int(WebPDemuxGetI(container, WEBP_FF_FRAME_COUNT)),
            exif: withEXIF { EXIF($0) } ?? EXIF())
    }

    private var orientation: Orientation { withEXIF { Orientation(exif: $0) } ?? .upright }

    var metadata: PictureMetadata {
        PictureMetadata(
            exif: withEXIF { EXIFBlock($0) }, xmp: withChunk("XMP ") { $0.array },
            profile: withChunk("ICCP") { $0.array }, for: .rgb)
    }

    /// To sRGB, where the picture is not in it and shall be.
    func transform(_ request: DecodeRequest) -> ColorTransform? {
        request.keepsProfile ? nil : ColorTransform.from(withChunk("ICCP") { ColorProfile($0) }, of: .rgb)
    }

    private func withEXIF<R>(_ body: (Span<UInt8>) -> R?) -> R? { withChunk("EXIF", body) }

    private func withChunk<R>(_ name: String, _ body: (Span<UInt8>) -> R?) -> R? {
        var chunk = unsafe WebPChunkIterator()
        guard unsafe WebPDemuxGetChunk(container, name, 1, &chunk) != 0 else { return nil }
        defer { unsafe WebPDemuxReleaseChunkIterator(&chunk) }
        guard let start = unsafe chunk.chunk.bytes else { return nil }
        return body(unsafe Span(_unsafeStart: start, count: chunk.chunk.size))
    }

    /// Decodes the first frame, laid on a transparent canvas where it is smaller.
    ///
    /// An opaque picture is scaled down by libwebp as far as was asked for, which averages areas. With alpha it does so without
    /// weighing colours by alpha, which makes fringes.
    ///
    /// - Throws: ``DecodeError``, or what `request.checkpoint` threw.
    func readAll(_ request: DecodeRequest) throws -> HeldRows {
        guard unsafe frame.complete != 0 else { throw DecodeError.truncated }
        let canvas = canvas, frameSize = frameSize
        var layout = RowLayout(size: canvas, format: .rgba8, isOpaque: !hasAlpha)
        if layout.isOpaque, let least = request.leastSize { layout.size = Self.scaled(canvas, atLeast: least) }

        var config = unsafe WebPDecoderConfig()
        guard unsafe WebPInitDecoderConfig(&config) != 0 else {
            throw DecodeError.malformed(.webp, reason: "libwebp has another version than its header")
        }
        if layout.size != canvas {
            unsafe config.options.use_scaling = 1
            unsafe config.options.scaled_width = Int32(layout.size.width)
            unsafe config.options.scaled_height = Int32(layout.size.height)
        }
        let x = unsafe Int(frame.x_offset), y = unsafe Int(frame.y_offset)
        guard x >= 0, y >= 0, x + frameSize.width <= canvas.width, y + frameSize.height <= canvas.height else {
            throw DecodeError.malformed(.webp, reason: "a frame lies outside the canvas")
        }
        let offset = y * layout.rowByteCount + x * 4
        var pixels = [UInt8](repeating: 0, count: try layout.pictureByteCount(in: .webp))
        defer { unsafe WebPFreeDecBuffer(&config.output) }
        let status = try unsafe pixels.withUnsafeMutableBufferPointer { pixels in
            unsafe config.output.colorspace = MODE_RGBA
            unsafe config.output.is_external_memory = 1
            unsafe config.output.u.RGBA.rgba = pixels.baseAddress.map { unsafe $0 + offset }
            unsafe config.output.u.RGBA.stride = Int32(layout.rowByteCount)
            unsafe config.output.u.RGBA.size = pixels.count - offset
            return try unsafe decode(&config, request.checkpoint)
        }
        try Self.check(status)
        return HeldRows(layout, pixels)
    }

    /// Gives libwebp the frame in pieces: it cannot be stopped in between. That takes it no longer than the whole at once.
    private func decode(_ config: inout WebPDecoderConfig, _ checkpoint: () throws -> Void) throws -> VP8StatusCode {
        try unsafe withUnsafeMutablePointer(to: &config) { config in
            guard let decoder = unsafe WebPIDecode(nil, 0, config) else { return VP8_STATUS_OUT_OF_MEMORY }
            defer { unsafe WebPIDelete(decoder) }
            let count = unsafe frame.fragment.size
            // What comes before the pixels of a lossless frame is read anew with each piece, so that these may not be many.
            let piece = max(count / 64, 16_384)
            var given = 0
            var status = VP8_STATUS_SUSPENDED
            while status == VP8_STATUS_SUSPENDED, given < count {
                try checkpoint()
                given = min(given + piece, count)
                status = unsafe WebPIUpdate(decoder, frame.fragment.bytes, given)
            }
            return status
        }
    }

    /// The size to decode to: the least size with the picture's ratio that covers `least`.
    private static func scaled(_ size: Size, atLeast least: Size) -> Size {
        guard least.width < size.width, least.height < size.height else { return size }
        let height = (least.width * size.height + size.width - 1) / size.width
        guard height < least.height else { return Size(width: least.width, height: height) }
        return Size(width: (least.height * size.width + size.height - 1) / size.height, height: least.height)
    }

    private static func check(_ status: VP8StatusCode) throws(DecodeError) {
        switch status {
        case VP8_STATUS_OK: return
        case VP8_STATUS_NOT_ENOUGH_DATA, VP8_STATUS_SUSPENDED: throw .truncated
        case VP8_STATUS_UNSUPPORTED_FEATURE: throw .unsupported(.webp, reason: "a feature that libwebp lacks")
        case VP8_STATUS_OUT_OF_MEMORY: throw .malformed(.webp, reason: "out of memory")
        default: throw .malformed(.webp, reason: "the bitstream is broken")
        }
    }
}
