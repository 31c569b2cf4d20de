import CGIF
import Imaging

/// Owns giflib's reader, which stands before the pixels of a frame: the first to begin with.
@safe final class GIFReader {
    /// One frame, as its descriptor and the control block before it say.
    struct Frame {
        /// Where it lies on the canvas.
        var x = 0
        var y = 0
        var size = Size(width: 0, height: 0)
        var isInterlaced = false
        /// As the file has it.
        var palette: [Color] = []
        var control = GIFControl()
    }

    private let input: GIFInput
    private let gif: UnsafeMutablePointer<GifFileType>
    private(set) var frame = Frame()
    /// Rows of the frame that were read whole.
    private var rowsRead = 0
    /// Whether the frame has no more codes.
    private var hasEnded = false
    /// How often the frames are to be shown, 0 for ever; as far as that was said before the frame.
    private(set) var playCount = 1
    /// The last profile before the frame, until a palette is asked for: a file may have any number, each of which takes long to
    /// read.
    private var unreadProfile: [UInt8]?
    /// To sRGB, where the profile that was read last says that the palettes are not in it.
    private var transform: ColorTransform?
    /// The canvas, which grows to hold the first frame, as in browsers: some files give it no size or a wrong one.
    private(set) var canvas = Size(width: 0, height: 0)

    init(_ image: EncodedImage) throws(DecodeError) {
        input = GIFInput(image)
        var code: Int32 = 0
        guard
            let gif = unsafe DGifOpen(Unmanaged.passUnretained(input).toOpaque(), GIFInput.callback, &code)
        else { throw input.ranOut ? .truncated : .malformed(.gif, reason: Self.message(code)) }
        unsafe self.gif = gif
        guard try advance() else { throw .malformed(.gif, reason: "no picture inside") }
        canvas = unsafe Size(
            width: max(Int(gif.pointee.SWidth), frame.x + frame.size.width),
            height: max(Int(gif.pointee.SHeight), frame.y + frame.size.height))
    }

    deinit { unsafe _ = DGifCloseFile(gif, nil) }

    /// Whether the frame leaves a part of the canvas free, which is transparent then.
    private var coversCanvas: Bool { frame.size == canvas }

    var header: ImageHeader {
        var header = ImageHeader(
            format: .gif, storedSize: canvas, hasAlpha: frame.control.transparentIndex != nil || !coversCanvas)
        header.isGray = Self.isGray(frame.palette) && Self.isGray(palette)
        header.needsWholePicture = frame.isInterlaced
        // Indices.
        header.heldBytesPerPixel = 1
        return header
    }

    private static func isGray(_ palette: [Color]) -> Bool {
        palette.allSatisfy { $0.red == $0.green && $0.green == $0.blue }
    }

    /// The frame's palette in sRGB.
    var palette: [Color] {
        if let profile = unreadProfile {
            transform = ColorTransform.from(ColorProfile(profile.span), of: .rgb)
            unreadProfile = nil
        }
        var palette = frame.palette
        transform?.apply(to: &palette)
        return palette
    }

    /// Bits that it takes to count the palette's colours.
    var bitDepth: Int { max(1, Int.bitWidth - (frame.palette.count - 1).leadingZeroBitCount) }

    /// Reads the palette indices of the frame's next row, in the order of the file.
    ///
    /// Some writers end the codes before the picture. As in browsers what they gave is shown, once it is a row; what is missing
    /// is transparent, or of the background's colour where the frame has no transparency.
    func readIndices(into row: inout MutableSpan<UInt8>) throws(DecodeError) {
        row.fill(missingIndex)
        guard !hasEnded else { return }
        let count = Int32(row.count)
        let status = unsafe row.withUnsafeMutableBufferPointer { unsafe DGifGetLine(gif, $0.baseAddress, count) }
        if status != GIF_OK, rowsRead > 0, try endedEarly() {
            hasEnded = true
        } else {
            try check(status)
            rowsRead += 1
        }
    }

    private var missingIndex: UInt8 {
        frame.control.transparentIndex.map { UInt8(truncatingIfNeeded: $0) }
            ?? UInt8(truncatingIfNeeded: unsafe gif.pointee.SBackGroundColor)
    }

    /// Whether giflib gave up because there are no more codes in the frame, though the file goes on; reads what is left of the
    /// frame then.
    private func endedEarly() throws(DecodeError) -> Bool {
        switch unsafe gif.pointee.Error {
        case _ where input.ranOut: return false
        case D_GIF_ERR_IMAGE_DEFECT: return input.isBehindBlocks
        case D_GIF_ERR_EOF_TOO_SOON:
            var block: UnsafeMutablePointer<GifByteType>?
            repeat { try check(unsafe DGifGetCodeNext(gif, &block)) } while unsafe block != nil
            return true
        default: return false
        }
    }

    /// Reads records up to the next frame, when all rows of the one before have been read.
    ///
    /// - Returns: whether there is one.
    func advance() throws(DecodeError) -> Bool {
        var control = GIFControl()
        while true {
            var record = UNDEFINED_RECORD_TYPE
            try check(unsafe DGifGetRecordType(gif, &record))
            switch record {
            case IMAGE_DESC_RECORD_TYPE:
                try check(unsafe DGifGetImageDesc(gif))
                try takeDescriptor(control)
                return true
            case EXTENSION_RECORD_TYPE:
                try readExtension(&control)
            default:
                return false
            }
        }
    }

    private func takeDescriptor(_ control: GIFControl) throws(DecodeError) {
        (rowsRead, hasEnded) = (0, false)
        let image = unsafe gif.pointee.Image
        unsafe frame = Frame(
            x: Int(image.Left), y: Int(image.Top), size: Size(width: Int(image.Width), height: Int(image.Height)),
            isInterlaced: image.Interlace, control: control)
        guard frame.size.area > 0 else { throw .malformed(.gif, reason: "a frame without pixels") }
        guard let map = unsafe image.ColorMap ?? gif.pointee.SColorMap, let colors = unsafe map.pointee.Colors else {
            throw .malformed(.gif, reason: "no palette")
        }
        frame.palette = unsafe (0..<Int(map.pointee.ColorCount)).map { index in
            let color = unsafe colors[index]
            return Color(red: color.Red, green: color.Green, blue: color.Blue)
        }
    }

    private func readExtension(_ control: inout GIFControl) throws(DecodeError) {
        var code: Int32 = 0
        var block: UnsafeMutablePointer<GifByteType>?
        var isLoop = false
        var profile: [UInt8]?
        try check(unsafe DGifGetExtension(gif, &code, &block))
        while let start = unsafe block {
            // The first byte is the length of what follows.
            let bytes = unsafe Span(_unsafeStart: start, count: Int(start[0]) + 1).extracting(droppingFirst: 1)
            switch code {
            case GRAPHICS_EXT_FUNC_CODE:
                if let found = GIFControl(bytes) { control = found }
            case APPLICATION_EXT_FUNC_CODE:
                if isLoop, let count = GIFLoop.playCount(bytes) { playCount = count }
                if GIFLoop.begins(bytes) { isLoop = true }
                if let count = profile?.count {
                    if count <= ColorProfile.byteLimit { profile?.append(contentsOf: bytes.array) }
                } else if GIFProfile.begins(bytes) {
                    profile = []
                }
            default:
                break
            }
            try check(unsafe DGifGetExtensionNext(gif, &block))
        }
        if let profile { unreadProfile = profile }
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
