import CGIF
import Imaging

/// Owns giflib's reader, which stands before the pixels of the first frame.
@safe final class GIFReader {
    /// Where the first frame lies on the canvas.
    struct Frame {
        var x = 0
        var y = 0
        var size = Size(width: 0, height: 0)
        var isInterlaced = false
    }

    private let input: GIFInput
    private let gif: UnsafeMutablePointer<GifFileType>
    private(set) var frame = Frame()
    private(set) var palette: [Color] = []
    private(set) var transparentIndex: Int?

    init(_ image: EncodedImage) throws(DecodeError) {
        input = GIFInput(image)
        var code: Int32 = 0
        guard
            let gif = unsafe DGifOpen(Unmanaged.passUnretained(input).toOpaque(), GIFInput.callback, &code)
        else { throw input.ranOut ? .truncated : .malformed(.gif, reason: Self.message(code)) }
        unsafe self.gif = gif
        try readFirstDescriptor()
    }

    deinit { unsafe _ = DGifCloseFile(gif, nil) }

    /// The canvas, which grows to hold the first frame, as in browsers: some files give it no size or a wrong one.
    var canvas: Size {
        unsafe Size(
            width: max(Int(gif.pointee.SWidth), frame.x + frame.size.width),
            height: max(Int(gif.pointee.SHeight), frame.y + frame.size.height))
    }

    /// Whether the frame leaves a part of the canvas free, which is transparent then.
    private var coversCanvas: Bool { frame.size == canvas }

    var header: ImageHeader {
        var header = ImageHeader(format: .gif, storedSize: canvas, hasAlpha: transparentIndex != nil || !coversCanvas)
        header.isGray = palette.allSatisfy { $0.red == $0.green && $0.green == $0.blue }
        header.needsWholePicture = frame.isInterlaced
        return header
    }

    /// Bits that it takes to count the palette's colours.
    var bitDepth: Int { max(1, Int.bitWidth - (palette.count - 1).leadingZeroBitCount) }

    /// Reads the palette indices of the frame's next row, in the order of the file.
    func readIndices(into row: inout MutableSpan<UInt8>) throws(DecodeError) {
        let count = Int32(row.count)
        let status = unsafe row.withUnsafeMutableBufferPointer { unsafe DGifGetLine(gif, $0.baseAddress, count) }
        try check(status)
    }

    /// Reads records up to the first frame.
    private func readFirstDescriptor() throws(DecodeError) {
        while true {
            var record = UNDEFINED_RECORD_TYPE
            try check(unsafe DGifGetRecordType(gif, &record))
            switch record {
            case IMAGE_DESC_RECORD_TYPE:
                try check(unsafe DGifGetImageDesc(gif))
                return try takeDescriptor()
            case EXTENSION_RECORD_TYPE:
                try readExtension()
            default:
                throw .malformed(.gif, reason: "no picture inside")
            }
        }
    }

    private func takeDescriptor() throws(DecodeError) {
        let image = unsafe gif.pointee.Image
        unsafe frame = Frame(
            x: Int(image.Left), y: Int(image.Top), size: Size(width: Int(image.Width), height: Int(image.Height)),
            isInterlaced: image.Interlace)
        guard frame.size.area > 0 else { throw .malformed(.gif, reason: "a frame without pixels") }
        guard let map = unsafe image.ColorMap ?? gif.pointee.SColorMap, let colors = unsafe map.pointee.Colors else {
            throw .malformed(.gif, reason: "no palette")
        }
        palette = unsafe (0..<Int(map.pointee.ColorCount)).map { index in
            let color = unsafe colors[index]
            return Color(red: color.Red, green: color.Green, blue: color.Blue)
        }
    }

    private func readExtension() throws(DecodeError) {
        var code: Int32 = 0
        var block: UnsafeMutablePointer<GifByteType>?
        try check(unsafe DGifGetExtension(gif, &code, &block))
        while let bytes = unsafe block {
            // The first byte is the length of the block; the graphic control block has four more (GIF 89a, section 23).
            if code == GRAPHICS_EXT_FUNC_CODE, unsafe bytes[0] >= 4 {
                unsafe transparentIndex = bytes[1] & 1 == 1 ? Int(bytes[4]) : nil
            }
            try check(unsafe DGifGetExtensionNext(gif, &block))
        }
    }

    private func check(_ status: Int32) throws(DecodeError) {
        guard status != GIF_OK else { return }
        throw input.ranOut ? .truncated : .malformed(.gif, reason: unsafe Self.message(gif.pointee.Error))
    }

    private static func message(_ code: Int32) -> String {
        guard let text = unsafe GifErrorString(code) else { return "giflib's error \(code)" }
        return unsafe String(cString: text)
    }
}
