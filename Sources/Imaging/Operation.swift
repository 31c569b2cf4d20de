/// A step of a plan: it changes pixels (``Operation``) or how they are written (``OutputStep``).
package protocol PlanElement: Sendable {
    static var specification: OperationSpecification { get }

    /// - Throws: ``PlanError`` where arguments that fit one by one do not fit together.
    init(_ arguments: Arguments) throws(PlanError)
}

/// A step that changes pixels.
///
/// A new operation is one file in `Operations/` and one line in ``Catalog/elements``.
package protocol Operation: PlanElement {
    /// The size of the result for an upright input of this size.
    ///
    /// - Throws: ``PlanError/impossible(parameter:detail:)`` where the arguments cannot apply to such a picture: a crop
    ///   that lies beside it.
    func outputSize(of input: Size) throws(PlanError) -> Size

    /// Puts the operation behind a source.
    ///
    /// - Parameter input: the size that the picture has by the plan. The source may be smaller where a decoder shrank it
    ///   as ``leastInput(for:leaving:)`` allows; the stage gives what it would of the full size.
    func stage(reading source: any RowSource, of input: Size) throws -> any RowSource

    /// The least size the input may be scaled down to, keeping its ratio, before this operation would notice; `nil` where
    /// it needs every pixel. Lets a decoder shrink on load.
    ///
    /// - Parameter least: the same of the operation that follows; `nil` where that needs every pixel.
    func leastInput(for input: Size, leaving least: Size?) -> Size?

    /// Whether gray is all that it makes of colours.
    var needsOnlyLuma: Bool { get }

    /// The operation that gives the same, up to rounding, where it comes before the picture is turned upright instead of
    /// after; `nil` where there is none.
    ///
    /// - Parameters:
    ///   - turn: how the stored rows lie.
    ///   - input: the size of the upright picture.
    func before(_ turn: Orientation, of input: Size) -> (any Operation)?

    /// What the stage comes to where it mixes the samples of each channel by their places alone, so that the planes of a
    /// picture can take one each; `nil` where it does not.
    func filtering(of input: Size) -> Filtering?

    /// What it has to see of the picture before it can be done; `nil` where it goes by the size alone. Until then it does
    /// as much as is certain.
    var look: Look? { get }

    /// Whether its stage takes deep rows, of 16 bits a sample, and gives such. Where one of a plan does not, the whole plan is
    /// done in 8.
    var takesDeepRows: Bool { get }

    /// Bytes that the stage holds of a whole picture of this layout, counted against the memory budget; 0 for a stage
    /// that keeps a few rows.
    func wholePictureByteCount(for input: RowLayout) -> Int
}

extension Operation {
    package func outputSize(of input: Size) throws(PlanError) -> Size { input }
    package func leastInput(for input: Size, leaving least: Size?) -> Size? { nil }
    package var needsOnlyLuma: Bool { false }
    package func before(_ turn: Orientation, of input: Size) -> (any Operation)? { nil }
    package func filtering(of input: Size) -> Filtering? { nil }
    package var look: Look? { nil }
    package var takesDeepRows: Bool { false }
    package func wholePictureByteCount(for input: RowLayout) -> Int { 0 }
}

/// A look at the picture, as the steps before an operation leave it: a pass of its own, so that no stage has to hold what it
/// has seen.
package struct Look {
    /// The longer side that is enough to see it, in pixels; `nil` where every pixel counts.
    package let side: Int?
    /// Whether the size of the result is known only then; until then it is the most that it can be.
    package var decidesSize = false
    /// Reads rows of 8 bits a sample, and gives the operation as it is to be done to this picture.
    package let decide: (any RowSource) throws -> any Operation
}

/// An operation on each pixel alone, whatever its place. Those that follow one another share one pass over a row.
package protocol PointOperation: Operation {
    /// Whether it gives colours to a gray picture.
    var colorsGray: Bool { get }

    /// Changes a row in place.
    ///
    /// - Parameters:
    ///   - row: whole pixels of `format`.
    func apply(to row: inout MutableSpan<UInt8>, format: PixelFormat)
}

extension PointOperation {
    package var colorsGray: Bool { false }
    package var takesDeepRows: Bool { true }

    package func stage(reading source: any RowSource, of input: Size) throws -> any RowSource {
        PointRows.applying(self, to: source)
    }

    package func before(_ turn: Orientation, of input: Size) -> (any Operation)? { self }
}

/// A step that changes how the result is written.
package protocol OutputStep: PlanElement {
    func amend(_ output: inout OutputOptions)
}
