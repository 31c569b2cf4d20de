/// Exchanges top and bottom.
package struct Flip: Turn {
    package static let specification = OperationSpecification(
        name: "flip", summary: "Mirrors upside down: exchanges top and bottom.")

    let orientation = Orientation.flipped

    package init(_ arguments: Arguments) throws(PlanError) {}
}
