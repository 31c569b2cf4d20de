import CZlib

/// How zlib may pack bytes (RFC 1950, RFC 1951).
struct Deflation: Sendable, CustomStringConvertible {
    /// 0 makes stored blocks.
    var level: Int32 = 6
    var strategy = Z_DEFAULT_STRATEGY
    /// The window's size, as a power of two.
    var windowBits: Int32 = 15
    /// What both sides are to know beforehand.
    var dictionary: [UInt8] = []

    var description: String { "level \(level), strategy \(strategy), window 2^\(windowBits)" }

    func stream(_ bytes: [UInt8]) -> [UInt8] {
        var stream = unsafe z_stream()
        var bytes = bytes
        var packed = [UInt8](repeating: 0, count: bytes.count * 2 + 1000)
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        unsafe deflateInit2_(&stream, level, Z_DEFLATED, windowBits, 8, strategy, ZLIB_VERSION, size)
        if !dictionary.isEmpty { unsafe deflateSetDictionary(&stream, dictionary, UInt32(dictionary.count)) }
        let count = unsafe bytes.withUnsafeMutableBufferPointer { bytes in
            unsafe packed.withUnsafeMutableBufferPointer { packed in
                unsafe (stream.next_in, stream.avail_in) = (bytes.baseAddress, UInt32(bytes.count))
                unsafe (stream.next_out, stream.avail_out) = (packed.baseAddress, UInt32(packed.count))
                unsafe deflate(&stream, Z_FINISH)
                return unsafe Int(stream.total_out)
            }
        }
        unsafe deflateEnd(&stream)
        return Array(packed[..<count])
    }
}
