/// Puts another picture over this one, by the operator "over" of
/// [Porter and Duff](https://doi.org/10.1145/964965.808606) on sRGB values.
package struct Watermark: ComposingOperation {
    package static let specification = OperationSpecification(
        name: "watermark", summary: "Lays another uploaded picture over this one, once or again and again.",
        parameters: [
            Parameter("file_id", .file, isRequired: true, "The picture that is laid over: the id of an upload."),
            Parameter(
                "position", .choice(Gravity.places.map(\.rawValue)), default: "bottom_right",
                "Where it lies; with tiled, where one of them does."),
            Parameter("opacity", .number(0...1), default: 1, "0 cannot be seen, 1 is as opaque as it is itself."),
            Parameter(
                "scale", .number(0.01...1),
                "Its width as a part of the picture's; its own size if left out. It is always made to fit."),
            Parameter(
                "margin", .integer(0...Size.longestSide), default: 0,
                "What is left free at the edges, and between one and the next, in pixels."),
            Parameter("tiled", .boolean, default: false, "Whether it is repeated all over the picture."),
        ],
        positional: [["file_id"], ["position"], ["opacity"], ["scale"]])

    package let fileName: String
    private let focus: Focus
    private let opacity: Double
    private let scale: Double?
    private let margin: Int
    private let isTiled: Bool

    package init(_ arguments: Arguments) throws(PlanError) {
        guard let fileName = arguments.word("file_id") else {
            throw .missingParameter(name: "file_id", context: "watermark")
        }
        self.fileName = fileName
        focus = (arguments.word("position").flatMap(Gravity.init) ?? .bottomRight).focus
        opacity = try arguments.requiredNumber("opacity")
        scale = arguments.number("scale")
        margin = try arguments.requiredInteger("margin")
        isTiled = arguments.flag("tiled") ?? false
    }

    package func size(of second: Size, in input: Size) -> Size {
        let room = Size(width: room(input.width), height: room(input.height))
        let width = scale.map { $0 * Double(input.width) } ?? Double(second.width)
        let height = width * Double(second.height) / Double(second.width)
        let shrinking = min(1, Double(room.width) / width, Double(room.height) / height)
        // However thin it gets, something of it shows.
        return Size(
            width: max(1, Int((width * shrinking).rounded())), height: max(1, Int((height * shrinking).rounded())))
    }

    package func stage(
        reading source: any RowSource, of input: Size, with second: SecondPicture
    ) throws -> any RowSource {
        OverlaidRows(
            source, second, opacity: opacity,
            columns: repetition(of: second.size.width, in: input.width, focus.x),
            rows: repetition(of: second.size.height, in: input.height, focus.y))
    }

    private func repetition(of length: Int, in whole: Int, _ focus: Double) -> Repetition {
        let origin = margin(of: whole) + Int((Double(room(whole) - length) * focus).rounded())
        return Repetition(length: length, origin: origin, period: isTiled ? length + margin : nil)
    }

    /// What of a side the margins leave: a pixel at least.
    private func room(_ side: Int) -> Int { side - 2 * margin(of: side) }

    private func margin(of side: Int) -> Int { min(margin, (side - 1) / 2) }
}
