import CGIF
import Imaging

/// Owns giflib's writer.
@safe final class GIFWriter {
    private let output: Output
    private var gif: UnsafeMutablePointer<GifFileType>?

    init(_ bytes: any ByteSink) throws(EncodeError) {
        output = Output(bytes)
        var code: Int32 = 0
        unsafe gif = EGifOpen(Unmanaged.passUnretained(output).toOpaque(), Output.callback, &code)
        if unsafe gif == nil { throw .failed(.gif, reason: "giflib's error \(code)") }
        unsafe EGifSetGifVersion(gif, true)
    }

    deinit {
        if unsafe gif != nil { unsafe _ = EGifCloseFile(gif, nil) }
    }

    /// Where a frame lies on the canvas, in pixels.
    struct Place {
        var x = 0
        var y = 0
        var size: Size
    }

    /// Begins the file.
    ///
    /// - Parameter palette: 1…256 colours; `nil` where each frame has its own.
    func writeScreen(_ size: Size, palette: [Color]?) throws {
        try unsafe withColorMap(palette) { map in
            unsafe EGifPutScreenDesc(gif, Int32(size.width), Int32(size.height), 8, 0, map)
        }
    }

    /// Says how often the frames are shown, before the first of them.
    ///
    /// - Parameter playCount: 0 for ever; 1 needs no word.
    func writePlayCount(_ playCount: Int) throws {
        if playCount == 1 { return }
        let (name, block) = (GIFLoop.name, GIFLoop.block(playCount: playCount))
        try check(unsafe EGifPutExtensionLeader(gif, APPLICATION_EXT_FUNC_CODE))
        try check(unsafe EGifPutExtensionBlock(gif, Int32(name.count), name))
        try check(unsafe EGifPutExtensionBlock(gif, Int32(block.count), block))
        try check(unsafe EGifPutExtensionTrailer(gif))
    }

    /// - Parameters:
    ///   - indices: one a pixel, rows from the top.
    ///   - palette: of this frame; `nil` takes the file's.
    func writeFrame(
        _ indices: consuming [UInt8], _ place: Place, _ control: GIFControl?, palette: [Color]? = nil
    ) throws {
        if let block = control?.block {
            try check(unsafe EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, Int32(block.count), block))
        }
        let size = place.size
        try unsafe withColorMap(palette) { map in
            unsafe EGifPutImageDesc(
                gif, Int32(place.x), Int32(place.y), Int32(size.width), Int32(size.height), false, map)
        }
        var indices = indices
        try unsafe indices.withUnsafeMutableBufferPointer { indices in
            for y in 0..<size.height {
                let row = unsafe indices.baseAddress.map { unsafe $0 + y * size.width }
                try unsafe check(EGifPutLine(gif, row, Int32(size.width)))
            }
        }
    }

    /// Lends a palette in giflib's form, which copies it.
    private func withColorMap(_ palette: [Color]?, _ body: (UnsafeMutablePointer<ColorMapObject>?) -> Int32) throws {
        guard let palette else { return try check(body(nil)) }
        // The file holds 2, 4, 8, … 256 colours.
        var count = 2
        while count < palette.count { count *= 2 }
        let colors = (0..<count).map { index in
            let color = index < palette.count ? palette[index] : .black
            return GifColorType(Red: color.red, Green: color.green, Blue: color.blue)
        }
        let map = unsafe colors.withUnsafeBufferPointer { unsafe GifMakeMapObject(Int32(count), $0.baseAddress) }
        defer { unsafe GifFreeMapObject(map) }
        try check(unsafe body(map))
    }

    func close() throws {
        let status = unsafe EGifCloseFile(gif, nil)
        unsafe gif = nil
        try check(status)
    }

    private func check(_ status: Int32) throws {
        if let error = output.error { throw error }
        guard status != GIF_OK else { return }
        throw EncodeError.failed(.gif, reason: "giflib's error \(unsafe gif?.pointee.Error ?? 0)")
    }

    /// Where giflib writes to. It knows no Swift errors, so the first one waits here.
    private final class Output {
        let bytes: any ByteSink
        var error: (any Error)?

        init(_ bytes: any ByteSink) { self.bytes = bytes }

        static let callback: OutputFunc = { gif, bytes, count in
            guard let gif = unsafe gif, let bytes = unsafe bytes, let owner = unsafe gif.pointee.UserData else {
                return 0
            }
            let output = unsafe Unmanaged<Output>.fromOpaque(owner).takeUnretainedValue()
            do {
                try unsafe output.bytes.write(Span(_unsafeStart: bytes, count: Int(count)))
                return count
            } catch {
                output.error = error
                return 0
            }
        }
    }
}
