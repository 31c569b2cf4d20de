/// Stretches the tones over the whole range.
package struct Normalize: PointOperation {
    package static let specification = OperationSpecification(
        name: "normalize", summary: "Stretches the tones until the darkest are black and the lightest white.",
        parameters: [
            Parameter(
                "low", .number(0...49), default: 1, "How many of a hundred pixels, by their luma, become black."),
            Parameter("high", .number(51...100), default: 99, "Above how many of a hundred they become white."),
        ],
        positional: [["low"], ["high"]])

    private let low, high: Double
    /// Changes nothing as long as nobody has looked.
    private var curve = ToneCurve { $0 }

    package init(_ arguments: Arguments) throws(PlanError) {
        low = try arguments.requiredNumber("low")
        high = try arguments.requiredNumber("high")
    }

    package func apply(to row: inout MutableSpan<UInt8>, format: PixelFormat) {
        curve.apply(to: &row, format: format)
    }

    package func stage(reading source: any RowSource, of input: Size) throws -> any RowSource {
        var prepared = self
        prepared.curve = curve.prepared(for: source.layout.format)
        return PointRows.applying(prepared, to: source)
    }

    package var look: Look? {
        // Half a thousand pixels a side tell percentiles as well as all do.
        Look(side: 512) { source in
            var stretched = self
            stretched.curve = Self.stretching(try percentiles(of: source))
            return stretched
        }
    }

    private static func stretching(_ range: ClosedRange<Int>) -> ToneCurve {
        let (black, white) = (Double(range.lowerBound), Double(range.upperBound))
        // A picture of one tone has nothing to stretch.
        guard white > black else { return ToneCurve { $0 } }
        return ToneCurve { ($0 * 255 - black) / (white - black) }
    }

    /// The luma (Rec. 601) that `low` and `high` hundredths of the pixels lie below; what is transparent does not count.
    private func percentiles(of source: any RowSource) throws -> ClosedRange<Int> {
        var counts = [Int](repeating: 0, count: 256)
        var row = [UInt8](repeating: 0, count: source.layout.rowByteCount)
        for _ in 0..<source.layout.size.height {
            try source.readRow(into: &row)
            switch source.layout.format.channels {
            case .gray: for level in row { counts[Int(level)] += 1 }
            case .rgba:
                for i in stride(from: 0, to: row.count, by: 4) where row[i + 3] >= 128 {
                    let luma = 0.299 * Double(row[i]) + 0.587 * Double(row[i + 1]) + 0.114 * Double(row[i + 2])
                    counts[Int(luma.rounded())] += 1
                }
            }
        }
        let total = Double(counts.reduce(0, +))
        func level(at hundredths: Double) -> Int {
            var below = 0
            for (level, count) in counts.enumerated() {
                below += count
                if Double(below) > total * hundredths / 100 { return level }
            }
            return counts.lastIndex { $0 > 0 } ?? 255
        }
        let black = level(at: low)
        return black...max(black, level(at: high))
    }
}
