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

    /// - Parameter palette: 1…256 colours.
    func writeHeader(_ size: Size, _ palette: [Color], transparentIndex: Int?) throws {
        // The file holds 2, 4, 8, … 256 colours.
        var count = 2
        while count < palette.count { count *= 2 }
        let colors = (0..<count).map { index in
            let color = index < palette.count ? palette[index] : .black
            return GifColorType(Red: color.red, Green: color.green, Blue: color.blue)
        }
        let map = unsafe colors.withUnsafeBufferPointer { unsafe GifMakeMapObject(Int32(count), $0.baseAddress) }
        defer { unsafe GifFreeMapObject(map) }
        try check(unsafe EGifPutScreenDesc(gif, Int32(size.width), Int32(size.height), 8, 0, map))
        if let transparentIndex {
            // GIF 89a, section 23: flags, delay, the transparent index.
            let block: [UInt8] = [1, 0, 0, UInt8(truncatingIfNeeded: transparentIndex)]
            try check(unsafe EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, Int32(block.count), block))
        }
        try check(unsafe EGifPutImageDesc(gif, 0, 0, Int32(size.width), Int32(size.height), false, nil))
    }

    func writeFrame(_ indices: consuming [UInt8], _ size: Size) throws {
        var indices = indices
        try unsafe indices.withUnsafeMutableBufferPointer { indices in
            for y in 0..<size.height {
                let row = unsafe indices.baseAddress.map { unsafe $0 + y * size.width }
                try unsafe check(EGifPutLine(gif, row, Int32(size.width)))
            }
        }
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
