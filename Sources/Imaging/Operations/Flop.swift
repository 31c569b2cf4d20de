/// Exchanges left and right.
package struct Flop: Turn {
    package static let specification = OperationSpecification(
        name: "flop", summary: "Mirrors sideways: exchanges left and right.")

    let orientation = Orientation.mirrored

    package init(_ arguments: Arguments) throws(PlanError) {}
}
