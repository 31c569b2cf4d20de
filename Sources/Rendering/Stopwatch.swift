import Imaging

/// Adds up the time that one part of a rendering takes.
final class Stopwatch {
    private(set) var elapsed = Duration.zero

    func measure<R>(_ body: () throws -> R) rethrows -> R {
        let begin = ContinuousClock.now
        defer { elapsed += begin.duration(to: .now) }
        return try body()
    }

    func add(_ duration: Duration) { elapsed += duration }
}

/// A source whose reading is timed.
final class TimedRows: RowSource {
    private let source: any RowSource
    private let stopwatch: Stopwatch

    var layout: RowLayout { source.layout }

    init(_ source: any RowSource, _ stopwatch: Stopwatch) {
        self.source = source
        self.stopwatch = stopwatch
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws {
        try stopwatch.measure { try source.readRow(into: &row) }
    }
}
