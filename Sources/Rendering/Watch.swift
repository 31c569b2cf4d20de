import Imaging

/// Calls the checkpoint of one rendering, from wherever work is done.
final class Watch {
    private let checkpoint: (Double?) throws -> Void
    private let rowCount: Int
    private var rowsDone = 0
    /// The time that decoding takes, and encoding.
    let decoding = Stopwatch()
    let encoding = Stopwatch()

    /// Rows between two calls.
    static let interval = 16

    /// - Parameter rowCount: rows of the result.
    init(rowCount: Int, _ checkpoint: @escaping (Double?) throws -> Void) {
        self.rowCount = rowCount
        self.checkpoint = checkpoint
    }

    func rowDone() throws {
        rowsDone += 1
        if rowsDone.isMultiple(of: Self.interval) || rowsDone == rowCount { try check() }
    }

    /// Lets the checkpoint end the work although no row of the result is done.
    /// (Rows that are made a second time count no more.)
    func check() throws { try checkpoint(min(1, Double(rowsDone) / Double(rowCount))) }
}

/// A source that calls the checkpoint while it is read: a stage may take in a whole picture before it gives a row.
final class WatchedRows: RowSource {
    private let source: any RowSource
    private let watch: Watch
    private var rowsRead = 0

    var layout: RowLayout { source.layout }

    init(_ source: any RowSource, _ watch: Watch) {
        self.source = source
        self.watch = watch
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws {
        if rowsRead.isMultiple(of: Watch.interval) { try watch.check() }
        rowsRead += 1
        try source.readRow(into: &row)
    }
}
