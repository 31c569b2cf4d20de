/// What rotating, flipping and flopping have in common: pixels change their places and nothing else.
protocol Turn: Operation {
    /// How the input lies in the result.
    var orientation: Orientation { get }
}

extension Turn {
    package func outputSize(of input: Size) throws(PlanError) -> Size {
        orientation.exchangesSides ? input.transposed : input
    }

    package func stage(reading source: any RowSource, of input: Size) throws -> any RowSource {
        TurnedRows.turning(source, orientation)
    }

    package var takesDeepRows: Bool { true }

    package func leastInput(for input: Size, leaving least: Size?) -> Size? {
        // Where a shrunk picture's last column stands for a part of a pixel, it would be the first one once it is turned.
        guard input.width.isMultiple(of: 8), input.height.isMultiple(of: 8) else { return nil }
        return orientation.exchangesSides ? least?.transposed : least
    }

    package func wholePictureByteCount(for input: RowLayout) -> Int {
        TurnedRows.byteCount(of: input, orientation)
    }
}
