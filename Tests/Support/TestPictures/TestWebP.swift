import CWebP

/// WebP files by libwebp's one-call encoders.
package enum TestWebP {
    /// - Parameter pixels: RGBA, straight alpha.
    package static func lossless(_ width: Int, _ height: Int, _ pixels: [UInt8]) -> [UInt8] {
        unsafe taken { output in
            unsafe WebPEncodeLosslessRGBA(pixels, Int32(width), Int32(height), Int32(width * 4), output)
        }
    }

    /// - Parameter pixels: RGBA, straight alpha, which is kept as it is.
    package static func lossy(_ width: Int, _ height: Int, _ pixels: [UInt8], quality: Float = 95) -> [UInt8] {
        unsafe taken { output in
            unsafe WebPEncodeRGBA(pixels, Int32(width), Int32(height), Int32(width * 4), quality, output)
        }
    }

    /// Frames of the whole canvas, each without loss and for a tenth of a second, for ever.
    ///
    /// - Parameter frames: RGBA, straight alpha; none shows what was there before it.
    package static func animation(_ width: Int, _ height: Int, _ frames: [[UInt8]]) -> [UInt8] {
        let mux = unsafe WebPMuxNew()
        defer { unsafe WebPMuxDelete(mux) }
        for pixels in frames {
            let picture = lossless(width, height, pixels)
            unsafe picture.withUnsafeBufferPointer { picture in
                var frame = unsafe WebPMuxFrameInfo()
                unsafe frame.bitstream = WebPData(bytes: picture.baseAddress, size: picture.count)
                unsafe frame.duration = 100
                unsafe frame.id = WEBP_CHUNK_ANMF
                unsafe frame.blend_method = WEBP_MUX_NO_BLEND
                unsafe _ = WebPMuxPushFrame(mux, &frame, 1)
            }
        }
        var parameters = WebPMuxAnimParams(bgcolor: 0, loop_count: 0)
        unsafe _ = WebPMuxSetAnimationParams(mux, &parameters)
        var file = unsafe WebPData()
        defer { unsafe WebPDataClear(&file) }
        unsafe _ = WebPMuxAssemble(mux, &file)
        return unsafe Array(UnsafeBufferPointer(start: file.bytes, count: file.size))
    }

    private static func taken(
        _ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>) -> Int
    ) -> [UInt8] {
        var start: UnsafeMutablePointer<UInt8>?
        let count = unsafe encode(&start)
        defer { unsafe WebPFree(start) }
        return unsafe Array(UnsafeBufferPointer(start: start, count: count))
    }
}
