/// Names the result's format as a step.
package struct Convert: OutputStep {
    package static let specification = OperationSpecification(
        name: "convert", summary: "Writes the result in another format.",
        parameters: [
            Parameter("format", .choice(OutputOptions.formatNames), isRequired: true, "The format of the result.")
        ],
        positional: [["format"]])

    private let format: ImageFormat?

    package init(_ arguments: Arguments) throws(PlanError) {
        format = arguments.word("format").flatMap { ImageFormat(name: $0) }
    }

    package func amend(_ output: inout OutputOptions) { output.format = format }
}
