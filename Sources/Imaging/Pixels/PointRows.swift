/// A source whose rows pass through point operations, all of them while the row is in the cache.
final class PointRows: RowSource {
    private let source: any RowSource
    private var operations: [any PointOperation]

    var layout: RowLayout { source.layout }

    private init(_ source: any RowSource, _ operation: any PointOperation) {
        self.source = source
        operations = [operation]
    }

    /// Adds to the pass that the source already makes, or begins one.
    static func applying(_ operation: any PointOperation, to source: any RowSource) -> PointRows {
        let source = operation.colorsGray ? ColorRows.coloring(source) : source
        guard let pass = source as? PointRows else { return PointRows(source, operation) }
        pass.operations.append(operation)
        return pass
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws {
        try source.readRow(into: &row)
        for operation in operations { operation.apply(to: &row, format: layout.format) }
    }
}
