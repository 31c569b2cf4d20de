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

    private static func taken(
        _ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>) -> Int
    ) -> [UInt8] {
        var start: UnsafeMutablePointer<UInt8>?
        let count = unsafe encode(&start)
        defer { unsafe WebPFree(start) }
        return unsafe Array(UnsafeBufferPointer(start: start, count: count))
    }
}
