import CWebP
import Imaging

/// Owns libwebp's encoder of animations, which finds what of each frame changes.
@safe final class WebPFrameEncoder: FrameSink {
    private let layout: RowLayout
    private let settings: WebPSettings
    private let metadata: PictureMetadata
    private let bytes: any ByteSink
    private let encoder: OpaquePointer
    /// When the next frame begins, in milliseconds.
    private var time: Int32 = 0

    init(_ size: Size, playCount: Int, _ request: EncodeRequest, into bytes: any ByteSink) throws(EncodeError) {
        settings = try WebPSettings(request.output, size)
        metadata = request.metadata
        layout = RowLayout(size: size, format: .rgba8, isOpaque: false)
        self.bytes = bytes
        var options = WebPAnimEncoderOptions()
        guard unsafe WebPAnimEncoderOptionsInit(&options) != 0 else {
            throw .failed(.webp, reason: "libwebp has another version than its header")
        }
        options.anim_params.loop_count = Int32(clamping: playCount)
        guard let encoder = unsafe WebPAnimEncoderNew(Int32(size.width), Int32(size.height), &options) else {
            throw .failed(.webp, reason: "libwebp's encoder of animations could not be made")
        }
        unsafe self.encoder = encoder
    }

    deinit { unsafe WebPAnimEncoderDelete(encoder) }

    func writeFrame(_ pixels: consuming [UInt8], milliseconds: Int) throws {
        var picture = try WebPWriter(settings)
        try picture.load(pixels, layout, asColors: true)
        guard unsafe picture.add(to: encoder, at: time) else { throw failure }
        // Beyond 24 days the frames' times cannot be told apart.
        time = Int32(clamping: Int(time) + milliseconds)
    }

    func finish() throws {
        var file = unsafe WebPData()
        unsafe WebPDataInit(&file)
        defer { unsafe WebPDataClear(&file) }
        guard unsafe WebPAnimEncoderAdd(encoder, nil, time, nil) != 0,
            unsafe WebPAnimEncoderAssemble(encoder, &file) != 0
        else { throw failure }
        try unsafe WebPContainer.write(file, with: metadata, into: bytes)
    }

    private var failure: EncodeError {
        let text = unsafe WebPAnimEncoderGetError(encoder).map { unsafe String(cString: $0) }
        return .failed(.webp, reason: text ?? "libwebp gives no reason")
    }
}
