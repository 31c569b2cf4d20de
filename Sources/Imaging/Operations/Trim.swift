/// Takes away a border of one colour.
package struct Trim: Operation {
    package static let specification = OperationSpecification(
        name: "trim", summary: "Takes away the border that has the colour of the upper left corner.",
        parameters: [
            Parameter(
                "tolerance", .integer(0...255), default: 10,
                "How far red, green, blue or alpha of the border may be from the corner's.")
        ],
        positional: [["tolerance"]])

    private let tolerance: Int

    package init(_ arguments: Arguments) throws(PlanError) {
        tolerance = try arguments.requiredInteger("tolerance")
    }

    package func stage(reading source: any RowSource, of input: Size) throws -> any RowSource { source }

    package var takesDeepRows: Bool { true }

    package var look: Look? {
        Look(side: nil, decidesSize: true) { source in Crop(try part(of: source)) }
    }

    /// The smallest rectangle around all that differs from the corner; everything where nothing does.
    private func part(of source: any RowSource) throws -> Rectangle {
        let size = source.layout.size
        let pixelByteCount = source.layout.format.bytesPerPixel
        var row = [UInt8](repeating: 0, count: source.layout.rowByteCount)
        var corner: [UInt8] = []
        var (left, right, top, bottom) = (size.width, 0, size.height, 0)
        for y in 0..<size.height {
            try source.readRow(into: &row)
            if y == 0 { corner = Array(row[..<pixelByteCount]) }
            guard let first = (0..<size.width).first(where: { differs(row, $0, corner) }),
                let last = (0..<size.width).last(where: { differs(row, $0, corner) })
            else { continue }
            (left, right) = (min(left, first), max(right, last + 1))
            (top, bottom) = (min(top, y), y + 1)
        }
        guard left < right else { return Rectangle(x: 0, y: 0, size: size) }
        return Rectangle(x: left, y: top, size: Size(width: right - left, height: bottom - top))
    }

    private func differs(_ row: [UInt8], _ x: Int, _ corner: [UInt8]) -> Bool {
        let start = x * corner.count
        // What colour is not to be seen makes no difference.
        if corner.count == 4, corner[3] == 0, row[start + 3] == 0 { return false }
        return corner.indices.contains { abs(Int(row[start + $0]) - Int(corner[$0])) > tolerance }
    }
}
