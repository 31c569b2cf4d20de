import CZlib

/// Packs bytes as gzip (RFC 1952), as small as zlib makes them.
///
/// - Returns: `nil` where there is no memory, or it would not be smaller.
package func gzipped(_ bytes: [UInt8]) -> [UInt8]? {
    var stream = unsafe z_stream()
    // 15 bits of window, and 16 more to say gzip.
    let status = unsafe deflateInit2_(
        &stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK, let room = UInt32(exactly: bytes.count) else { return nil }
    defer { unsafe deflateEnd(&stream) }
    var source = bytes
    let packed = unsafe [UInt8](unsafeUninitializedCapacity: bytes.count) { target, count in
        unsafe source.withUnsafeMutableBufferPointer { source in
            unsafe (stream.next_in, stream.avail_in) = (source.baseAddress, room)
            unsafe (stream.next_out, stream.avail_out) = (target.baseAddress, room)
            let isWhole = unsafe deflate(&stream, Z_FINISH) == Z_STREAM_END
            count = isWhole ? unsafe Int(stream.total_out) : 0
        }
    }
    return packed.isEmpty ? nil : packed
}
