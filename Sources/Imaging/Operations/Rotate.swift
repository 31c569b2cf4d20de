/// Turns by quarters.
package struct Rotate: Turn {
    package static let specification = OperationSpecification(
        name: "rotate", summary: "Turns clockwise by a quarter, a half or three quarters.",
        parameters: [
            Parameter("angle", .integers([90, 180, 270]), isRequired: true, "Clockwise, in degrees.")
        ],
        positional: [["angle"]])

    let orientation: Orientation

    package init(_ arguments: Arguments) throws(PlanError) {
        orientation =
            switch try arguments.requiredInteger("angle") {
            case 90: .rotated90
            case 180: .rotated180
            default: .rotated270
            }
    }
}
