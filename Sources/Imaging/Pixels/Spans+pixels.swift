extension Span<UInt8> {
    /// The four bytes of RGBA pixel `x`, red lowest.
    @inline(__always)
    func pixel(at x: Int) -> UInt32 {
        unsafe UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: x &* 4, as: UInt32.self))
    }
}

extension MutableSpan<UInt8> {
    /// The four bytes of RGBA pixel `x`, red lowest.
    @inline(__always)
    func pixel(at x: Int) -> UInt32 { span.pixel(at: x) }

    @inline(__always)
    mutating func setPixel(_ pixel: UInt32, at x: Int) {
        var bytes = unsafe mutableBytes
        bytes.storeBytes(of: pixel.littleEndian, toByteOffset: x &* 4, as: UInt32.self)
    }
}

extension MutableSpan<UInt8> {
    /// Copies as many bytes as there are in `bytes` to the place `start` and after it.
    package mutating func copy(_ bytes: ArraySlice<UInt8>, at start: Int = 0) {
        precondition(start >= 0 && bytes.count <= count - start)
        unsafe withUnsafeMutableBytes { target in
            unsafe bytes.withUnsafeBytes { source in
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[start...]).copyMemory(from: source)
            }
        }
    }
}
