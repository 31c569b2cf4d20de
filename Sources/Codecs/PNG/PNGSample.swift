import Imaging

/// The first rows of a picture, which tell a photo from a drawing.
struct PNGSample {
    private let layout: RowLayout
    private let rowLimit: Int
    private var bytes: [UInt8] = []
    /// Pixels that equal their left neighbour.
    private var repeatCount = 0

    init(_ layout: RowLayout) {
        self.layout = layout
        rowLimit = min(layout.size.height, 32)
    }

    private var rowCount: Int { bytes.count / layout.rowByteCount }

    var isFull: Bool { rowCount == rowLimit }

    /// Noise makes neighbours differ. In photos at most a third were equal, in drawings and text nine in ten; where a photo
    /// begins with an empty sky it is written as a drawing, which costs time and size but no more than other encoders take.
    var isPhoto: Bool { repeatCount * 2 < rowCount * layout.size.width }

    mutating func append(_ row: Span<UInt8>) {
        unsafe row.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        let step = layout.format.bytesPerPixel
        var i = step
        while i < row.count {
            var isRepeated = true
            for channel in i..<i + step where row[channel] != row[channel - step] { isRepeated = false }
            if isRepeated { repeatCount += 1 }
            i += step
        }
    }

    func forEachRow(_ body: (Span<UInt8>) throws -> Void) rethrows {
        let rows = bytes.span
        for start in stride(from: 0, to: rows.count, by: layout.rowByteCount) {
            try body(rows.extracting(start..<start + layout.rowByteCount))
        }
    }
}
