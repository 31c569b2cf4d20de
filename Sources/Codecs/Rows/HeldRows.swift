import Imaging

/// A picture that its decoder had to make as a whole.
final class HeldRows: RowSource {
    let layout: RowLayout
    private let pixels: [UInt8]
    private var nextOffset = 0

    /// - Parameter pixels: rows of `layout` from the top, one after another.
    init(_ layout: RowLayout, _ pixels: [UInt8]) {
        self.layout = layout
        self.pixels = pixels
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws {
        let count = layout.rowByteCount
        row.copy(pixels[nextOffset..<nextOffset + count])
        nextOffset += count
    }
}

/// Collects rows for an encoder that must see the whole picture.
struct RowCollector {
    private(set) var pixels: [UInt8] = []

    init(_ layout: RowLayout) { pixels.reserveCapacity(layout.rowByteCount * layout.size.height) }

    mutating func append(_ row: Span<UInt8>) {
        unsafe row.withUnsafeBufferPointer { unsafe pixels.append(contentsOf: $0) }
    }

    /// Gives the rows away.
    mutating func takePixels() -> [UInt8] {
        defer { pixels = [] }
        return pixels
    }
}

extension RowLayout {
    /// The bytes of all rows.
    ///
    /// - Throws: ``DecodeError/malformed(_:reason:)`` where no memory could hold them: the size comes from a file.
    func pictureByteCount(in format: ImageFormat) throws(DecodeError) -> Int {
        let (row, rowOverflows) = size.width.multipliedReportingOverflow(by: self.format.bytesPerPixel)
        let (all, overflows) = row.multipliedReportingOverflow(by: size.height)
        guard !rowOverflows, !overflows, all > 0 else { throw .malformed(format, reason: "\(size) pixels") }
        return all
    }
}

extension MutableSpan<UInt8> {
    mutating func fill(_ value: UInt8) {
        for i in indices { self[i] = value }
    }

    /// Fills the span from as many elements of an array.
    mutating func copy(_ source: ArraySlice<UInt8>) {
        unsafe withUnsafeMutableBytes { target in
            unsafe source.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
        }
    }
}
