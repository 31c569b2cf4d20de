import Jobs

/// The database's clock as a parameter of a statement, read when that runs: in milliseconds, as ``Timestamp`` is.
struct StoreClock: Sendable {
    private let offset: Duration

    static let now = StoreClock(offset: .zero)

    static func + (clock: StoreClock, duration: Duration) -> StoreClock {
        StoreClock(offset: clock.offset + duration)
    }

    static func - (clock: StoreClock, duration: Duration) -> StoreClock {
        StoreClock(offset: clock.offset - duration)
    }
}

extension StoreClock: SQLStorable {
    var sqlValue: SQLValue { .now(plus: offset.milliseconds) }

    /// No column holds a clock.
    init?(sqlValue: SQLValue) { nil }
}
