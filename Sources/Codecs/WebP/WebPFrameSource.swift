import CWebP
import Imaging

/// Owns libwebp's decoder of animations (RFC 9649, section 2.7.1.1), which draws the frames over one another.
@safe final class WebPFrameSource: FrameSource {
    /// Keeps the bytes, too.
    private let reader: WebPReader
    private let decoder: OpaquePointer
    private let layout: RowLayout
    private let transform: ColorTransform?
    private var end: Int32 = 0

    var playCount: Int { reader.playCount }

    init(_ reader: WebPReader, _ request: DecodeRequest) throws(DecodeError) {
        self.reader = reader
        // Frames behind the first may uncover what is below it.
        layout = RowLayout(size: reader.header.storedSize, format: .rgba8, isOpaque: false)
        transform = reader.transform(request)
        var options = WebPAnimDecoderOptions()
        var source = unsafe reader.source
        guard unsafe WebPAnimDecoderOptionsInit(&options) != 0 else {
            throw .malformed(.webp, reason: "libwebp has another version than its header")
        }
        options.color_mode = MODE_RGBA
        guard let decoder = unsafe WebPAnimDecoderNew(&source, &options) else {
            throw .malformed(.webp, reason: "the animation is broken")
        }
        unsafe self.decoder = decoder
    }

    deinit { unsafe WebPAnimDecoderDelete(decoder) }

    func nextFrame() throws -> Frame? {
        guard unsafe WebPAnimDecoderHasMoreFrames(decoder) != 0 else { return nil }
        var canvas: UnsafeMutablePointer<UInt8>?
        let begin = end
        guard unsafe WebPAnimDecoderGetNext(decoder, &canvas, &end) != 0, let canvas = unsafe canvas else {
            throw DecodeError.malformed(.webp, reason: "a frame is broken or cut off")
        }
        let count = try layout.pictureByteCount(in: .webp)
        let pixels = unsafe [UInt8](UnsafeBufferPointer(start: canvas, count: count))
        return Frame(
            rows: HeldRows(layout, pixels).managed(by: transform), milliseconds: max(0, Int(end) - Int(begin)))
    }
}
