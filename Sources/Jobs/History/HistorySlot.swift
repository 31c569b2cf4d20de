/// What the deployment did in ten seconds, as far as it was counted.
package struct HistorySlot: Sendable, Hashable {
    /// When it begins: a multiple of ``length`` since 1970.
    package let start: Timestamp
    package var submitted = 0
    package var done = 0
    package var failed = 0
    /// Of sources that were taken in, in bytes.
    package var bytesIn = 0
    /// Of results.
    package var bytesOut = 0
    /// The most jobs that were seen to be ready.
    package var depth = 0
    /// The most jobs that were seen to be worked on.
    package var inProgress = 0
    /// How long jobs waited before they were first worked on.
    package var waits = DurationHistogram()
    /// How long they were worked on.
    package var runs = DurationHistogram()

    package static let length = Duration.seconds(10)
    /// For how long slots are kept, at least.
    package static let retention = Duration.seconds(2 * 3600)

    package init(start: Timestamp) { self.start = start }

    package init(containing time: Timestamp) {
        let length = Self.length.milliseconds
        self.init(start: Timestamp(milliseconds: time.milliseconds / length * length))
    }
}

extension HistorySlot {
    /// The same counts, as of another slot.
    func starting(at start: Timestamp) -> HistorySlot {
        var slot = HistorySlot(start: start)
        slot.add(self)
        return slot
    }

    mutating func add(_ other: HistorySlot) {
        for count in Self.counts {
            let (mine, theirs) = (self[keyPath: count.path], other[keyPath: count.path])
            self[keyPath: count.path] = count.isPeak ? max(mine, theirs) : mine + theirs
        }
        for histogram in Self.histograms { self[keyPath: histogram.path].add(other[keyPath: histogram.path]) }
    }
}

// MARK: - As named amounts

extension HistorySlot {
    /// One of the numbers that a slot is made of, for stores.
    package struct Amount: Sendable, Hashable {
        package let name: String
        package let value: Int
        /// Whether the largest that any process counted is kept, and not the sum.
        package let isPeak: Bool
    }

    private static let counts: [(name: String, path: any WritableKeyPath<HistorySlot, Int> & Sendable, isPeak: Bool)] =
        [
            ("bytes_in", \.bytesIn, false), ("bytes_out", \.bytesOut, false), ("depth", \.depth, true),
            ("done", \.done, false), ("failed", \.failed, false), ("in_progress", \.inProgress, true),
            ("submitted", \.submitted, false),
        ]
    private static let histograms:
        [(name: String, path: any WritableKeyPath<HistorySlot, DurationHistogram> & Sendable)] =
            [
                ("run", \.runs), ("wait", \.waits),
            ]

    /// Those that are not zero, by name.
    package var amounts: [Amount] {
        let counts = Self.counts.map { Amount(name: $0.name, value: self[keyPath: $0.path], isPeak: $0.isPeak) }
        let buckets = Self.histograms.flatMap { histogram in
            self[keyPath: histogram.path].counts.enumerated().map { index, count in
                Amount(name: "\(histogram.name).\(index)", value: count, isPeak: false)
            }
        }
        return (counts + buckets).filter { $0.value != 0 }.sorted { $0.name < $1.name }
    }

    /// Takes an amount in; one that a later version counts is left out.
    package mutating func set(_ name: String, _ value: Int) {
        if let count = Self.counts.first(where: { $0.name == name }) {
            self[keyPath: count.path] = value
        } else if let dot = name.firstIndex(of: "."), let bucket = Int(name[name.index(after: dot)...]),
            let histogram = Self.histograms.first(where: { $0.name == name[..<dot] })
        {
            self[keyPath: histogram.path].set(bucket, value)
        }
    }
}
