/// Writes a smaller file of the same pixels.
package struct Compress: OutputStep {
    package static let specification = OperationSpecification(
        name: "compress",
        summary:
            "Re-encodes: JPEG and WebP at a quality, other formats at their strongest; never larger than the source.",
        parameters: [Parameter("quality", .integer(1...100), default: 50, "For JPEG and WebP.")],
        positional: [["quality"]])

    private let quality: Int

    package init(_ arguments: Arguments) throws(PlanError) {
        quality = try arguments.requiredInteger("quality")
    }

    package func amend(_ output: inout OutputOptions) {
        output.quality = quality
        output.effort = .strongest
        output.isCompression = true
    }
}
