/// Something that a plan asks of a picture, told beside the result.
package struct Fact: Sendable, Hashable {
    /// The step's.
    package let name: String
    /// Without blanks.
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// A step that finds something out, of the picture as the steps before it leave it, and changes nothing.
package protocol FactOperation: Operation {
    /// What it found; empty as long as it has not looked.
    var value: String { get set }

    /// The longer side that is enough to find it out, in pixels.
    static var side: Int { get }

    /// Finds it out.
    ///
    /// - Parameter source: no more than ``side`` pixels wide and high.
    func find(in source: any RowSource) throws -> String
}

extension FactOperation {
    package static var side: Int { 64 }

    package var fact: Fact { Fact(name: Self.specification.name, value: value) }

    package var look: Look? {
        Look(side: Self.side) { source in
            var found = self
            found.value = try find(in: source)
            return found
        }
    }

    package func stage(reading source: any RowSource, of input: Size) throws -> any RowSource { source }
    package var takesDeepRows: Bool { true }
    package func leastInput(for input: Size, leaving least: Size?) -> Size? { least }
    package func before(_ turn: Orientation, of input: Size) -> (any Operation)? { self }
}

extension RowSource {
    /// Reads the picture to its end.
    ///
    /// - Parameter body: takes each pixel with its place: its colour, 0…255 a channel, and its alpha, 0…1.
    func forEachPixel(_ body: (_ x: Int, _ y: Int, _ color: SIMD3<Double>, _ alpha: Double) -> Void) throws {
        var row = [UInt8](repeating: 0, count: layout.rowByteCount)
        for y in 0..<layout.size.height {
            try readRow(into: &row)
            for x in 0..<layout.size.width {
                switch layout.format.channels {
                case .gray: body(x, y, SIMD3(repeating: Double(row[x])), 1)
                case .rgba:
                    let i = 4 * x
                    body(
                        x, y, SIMD3(Double(row[i]), Double(row[i + 1]), Double(row[i + 2])), Double(row[i + 3]) / 255)
                }
            }
        }
    }
}
