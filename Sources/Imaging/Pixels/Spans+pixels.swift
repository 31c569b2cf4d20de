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

extension MutableSpan<UInt8> {
    /// Gives each sample of red, green, blue or gray another level.
    ///
    /// - Parameter levels: 256.
    mutating func replaceColors(by levels: [UInt8], format: PixelFormat) {
        switch format {
        case .gray8: for i in indices { self[i] = levels[Int(self[i])] }
        case .rgba8:
            for i in stride(from: 0, to: count, by: 4) {
                self[i] = levels[Int(self[i])]
                self[i + 1] = levels[Int(self[i + 1])]
                self[i + 2] = levels[Int(self[i + 2])]
            }
        }
    }
}
