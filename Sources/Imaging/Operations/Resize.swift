/// Resamples with Lanczos-3.
package struct Resize: Operation {
    package static let specification = OperationSpecification(
        name: "resize",
        summary: "Resamples to a width, a height or both, with a Lanczos filter of three lobes.",
        parameters: [
            Parameter(
                "width", .integer(1...Size.longestSide), "In pixels; follows from the height and the ratio if left out."
            ),
            Parameter(
                "height", .integer(1...Size.longestSide), "In pixels; follows from the width and the ratio if left out."
            ),
            Parameter(
                "fit", .choice(ResizeFit.allCases.map(\.rawValue)), default: "cover",
                "With both sides: cover crops, contain pads, fill stretches, inside and outside keep the ratio."),
            Parameter(
                "gravity", .choice(Gravity.allCases.map(\.rawValue)), default: "center",
                "What cover keeps; smart finds the part that stands out from the rest by its colours."),
            Parameter("enlarge", .boolean, default: true, "Whether the picture may become larger than it is."),
        ],
        positional: [["width", "height"]])

    private let width, height: Int?
    private let fit: ResizeFit
    private let gravity: Gravity
    private var focus: Focus
    private let enlarges: Bool

    package init(_ arguments: Arguments) throws(PlanError) {
        let (width, height) = (arguments.integer("width"), arguments.integer("height"))
        guard width != nil || height != nil else {
            throw .missingParameter(name: "width", context: "resize", or: "height")
        }
        self.init(
            width: width, height: height, fit: arguments.word("fit").flatMap(ResizeFit.init) ?? .cover,
            gravity: arguments.word("gravity").flatMap(Gravity.init) ?? .center,
            enlarges: arguments.flag("enlarge") ?? true)
    }

    init(width: Int?, height: Int?, fit: ResizeFit, gravity: Gravity = .center, enlarges: Bool) {
        self.width = width
        self.height = height
        self.fit = fit
        self.gravity = gravity
        focus = gravity.focus
        self.enlarges = enlarges
    }

    /// Stretches to exactly this size.
    package init(to size: Size) { self.init(width: size.width, height: size.height, fit: .fill, enlarges: true) }

    private func geometry(of input: Size) -> ResizeGeometry {
        ResizeGeometry(of: input, width: width, height: height, fit: fit, focus: focus, enlarges: enlarges)
    }

    package func outputSize(of input: Size) throws(PlanError) -> Size { geometry(of: input).result }

    package func stage(reading source: any RowSource, of input: Size) throws -> any RowSource {
        let geometry = geometry(of: input)
        let content = source.layout.content(of: input)
        let filter = LanczosFilter(
            from: source.layout.size, columns: geometry.columns.scaled(by: content.width / Double(input.width)),
            rows: geometry.rows.scaled(by: content.height / Double(input.height)), to: geometry.scaled,
            extent: geometry.scaled.real, isDeep: source.layout.format.isDeep)
        return PaddedRows.centering(filter.applied(to: source), in: geometry.result, background: nil)
    }

    package func filtering(of input: Size) -> Filtering? {
        let geometry = geometry(of: input)
        guard geometry.result == geometry.scaled else { return nil }
        return .resampling(
            Resampling(columns: geometry.columns, rows: geometry.rows, size: geometry.scaled))
    }

    package func leastInput(for input: Size, leaving least: Size?) -> Size? {
        let geometry = geometry(of: input)
        let across = Double(geometry.scaled.width) / (geometry.columns.upperBound - geometry.columns.lowerBound)
        let down = Double(geometry.scaled.height) / (geometry.rows.upperBound - geometry.rows.lowerBound)
        return Size(
            width: min(input.width, Int((Double(input.width) * across).rounded(.up))),
            height: min(input.height, Int((Double(input.height) * down).rounded(.up))))
    }

    package func before(_ turn: Orientation, of input: Size) -> (any Operation)? {
        let (width, height) = turn.exchangesSides ? (height, width) : (width, height)
        var stored = Resize(width: width, height: height, fit: fit, gravity: gravity, enlarges: enlarges)
        stored.focus = focus.stored(turn)
        return stored
    }

    package var takesDeepRows: Bool { true }

    package var look: Look? {
        guard gravity == .smart, fit == .cover, let width, let height else { return nil }
        return Look(side: Saliency.side) { source in
            var focused = self
            focused.focus = try Saliency(of: source).focus(for: Double(width) / Double(height))
            return focused
        }
    }
}
