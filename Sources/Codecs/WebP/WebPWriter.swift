import CWebP
import Imaging

/// Owns one picture of libwebp's encoder.
@safe struct WebPWriter: ~Copyable {
    private var config: WebPConfig
    private var picture: WebPPicture

    init(_ settings: WebPSettings) throws(EncodeError) {
        config = WebPConfig()
        unsafe picture = WebPPicture()
        let isReady = unsafe WebPConfigInit(&config) != 0 && WebPPictureInit(&picture) != 0
        config.quality = Float(settings.quality)
        // 4 is libwebp's own default; 6 takes twice the time for about 2 % of the size.
        config.method = settings.effort == .strongest ? 6 : 4
        if !isReady { throw .failed(.webp, reason: "libwebp has another version than its header") }
    }

    deinit {
        var picture = unsafe picture
        unsafe WebPPictureFree(&picture)
    }

    /// Converts the pixels to what the encoder works on; they are not needed afterwards.
    ///
    /// - Parameter asColors: whether they stay red, green and blue, by which frames are compared with one another.
    mutating func load(_ pixels: consuming [UInt8], _ layout: RowLayout, asColors: Bool = false) throws(EncodeError) {
        unsafe picture.use_argb = asColors ? 1 : 0
        unsafe picture.width = Int32(layout.size.width)
        unsafe picture.height = Int32(layout.size.height)
        let pixels = layout.format == .gray8 ? Self.colored(pixels) : pixels
        let stride = Int32(layout.size.width * 4)
        let isLoaded = unsafe pixels.withUnsafeBufferPointer { pixels in
            unsafe layout.isOpaque
                ? WebPPictureImportRGBX(&picture, pixels.baseAddress, stride)
                : WebPPictureImportRGBA(&picture, pixels.baseAddress, stride)
        }
        if isLoaded == 0 { throw failure }
    }

    /// Encodes the picture.
    ///
    /// - Parameter checkpoint: what ``EncodeRequest`` has; asked a hundred times, at most.
    mutating func write(
        _ metadata: PictureMetadata, into sink: any ByteSink, _ checkpoint: @escaping () throws -> Void
    ) throws {
        var memory = unsafe WebPMemoryWriter()
        unsafe WebPMemoryWriterInit(&memory)
        defer { unsafe WebPMemoryWriterClear(&memory) }
        unsafe picture.writer = WebPMemoryWrite
        let progress = Progress(checkpoint)
        unsafe picture.progress_hook = Progress.hook
        let isEncoded = withExtendedLifetime(progress) {
            unsafe picture.user_data = Unmanaged.passUnretained(progress).toOpaque()
            return unsafe withUnsafeMutablePointer(to: &memory) { memory in
                unsafe picture.custom_ptr = UnsafeMutableRawPointer(memory)
                return unsafe WebPEncode(&config, &picture)
            }
        }
        if let error = progress.error { throw error }
        guard isEncoded != 0, let start = unsafe memory.mem else { throw failure }
        try unsafe WebPContainer.write(WebPData(bytes: start, size: memory.size), with: metadata, into: sink)
    }

    /// Asks the checkpoint when libwebp says how far it is. It knows no Swift errors, so what was thrown waits here.
    private final class Progress {
        private let checkpoint: () throws -> Void
        private(set) var error: (any Error)?

        init(_ checkpoint: @escaping () throws -> Void) { self.checkpoint = checkpoint }

        static let hook: WebPProgressHook = { _, picture in
            guard let owner = unsafe picture?.pointee.user_data else { return 1 }
            let progress = unsafe Unmanaged<Progress>.fromOpaque(owner).takeUnretainedValue()
            do {
                try progress.checkpoint()
                return 1
            } catch {
                progress.error = error
                return 0
            }
        }
    }

    /// Hands the picture to an encoder of animations.
    mutating func add(to encoder: OpaquePointer, at time: Int32) -> Bool {
        unsafe WebPAnimEncoderAdd(encoder, &picture, time, &config) != 0
    }

    private var failure: EncodeError {
        unsafe .failed(.webp, reason: "libwebp's error \(picture.error_code.rawValue)")
    }

    private static func colored(_ luma: [UInt8]) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: luma.count * 4) { pixels, count in
            for i in luma.indices {
                for channel in 0..<3 { unsafe pixels[i * 4 + channel] = luma[i] }
                unsafe pixels[i * 4 + 3] = 255
            }
            count = luma.count * 4
        }
    }
}
