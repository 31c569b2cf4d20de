/// Keeps a rectangle.
package struct Crop: Operation {
    package static let specification = OperationSpecification(
        name: "crop", summary: "Keeps the part of a rectangle that lies within the picture.",
        parameters: [
            Parameter("x", .integer(0...Size.longestSide), default: 0, "The left edge, in pixels."),
            Parameter("y", .integer(0...Size.longestSide), default: 0, "The upper edge, in pixels."),
            Parameter("width", .integer(1...Size.longestSide), isRequired: true, "In pixels."),
            Parameter("height", .integer(1...Size.longestSide), isRequired: true, "In pixels."),
        ],
        positional: [["x"], ["y"], ["width", "height"]])

    private let rectangle: Rectangle

    package init(_ arguments: Arguments) throws(PlanError) {
        rectangle = Rectangle(
            x: try arguments.requiredInteger("x"), y: try arguments.requiredInteger("y"),
            size: Size(
                width: try arguments.requiredInteger("width"), height: try arguments.requiredInteger("height")))
    }

    init(_ rectangle: Rectangle) { self.rectangle = rectangle }

    package func outputSize(of input: Size) throws(PlanError) -> Size { try part(of: input).size }

    package func stage(reading source: any RowSource, of input: Size) throws -> any RowSource {
        let part = try part(of: source.layout.size)
        return part.size == source.layout.size ? source : CroppedRows(source, part)
    }

    package var takesDeepRows: Bool { true }

    package func before(_ turn: Orientation, of input: Size) -> (any Operation)? {
        guard let part = try? part(of: input) else { return nil }
        return Crop(part.stored(turn, in: input))
    }

    private func part(of input: Size) throws(PlanError) -> Rectangle {
        guard rectangle.x < input.width else { throw beside("x", rectangle.x, "\(input.width) wide") }
        guard rectangle.y < input.height else { throw beside("y", rectangle.y, "\(input.height) high") }
        var part = rectangle
        part.size.width = min(part.size.width, input.width - part.x)
        part.size.height = min(part.size.height, input.height - part.y)
        return part
    }

    private func beside(_ parameter: String, _ found: Int, _ side: String) -> PlanError {
        .impossible(
            parameter: parameter, detail: "the crop begins at \(parameter) = \(found), but the picture is \(side)")
    }
}

extension Rectangle {
    /// The same part of a picture before it is turned upright.
    ///
    /// - Parameter upright: the size of the upright picture.
    func stored(_ turn: Orientation, in upright: Size) -> Rectangle {
        let (right, bottom) = (upright.width - x - size.width, upright.height - y - size.height)
        return switch turn {
        case .upright: self
        case .mirrored: Rectangle(x: right, y: y, size: size)
        case .rotated180: Rectangle(x: right, y: bottom, size: size)
        case .flipped: Rectangle(x: x, y: bottom, size: size)
        case .transposed: Rectangle(x: y, y: x, size: size.transposed)
        case .rotated90: Rectangle(x: y, y: right, size: size.transposed)
        case .transversed: Rectangle(x: bottom, y: right, size: size.transposed)
        case .rotated270: Rectangle(x: bottom, y: x, size: size.transposed)
        }
    }
}
