import CoreMetrics
import Synchronization

/// One line of an exposition, or a few.
protocol PrometheusInstrument: Sendable {
    /// - Parameter labels: as ``Exposition/labels(_:)`` wrote them; empty where there are none.
    func write(name: String, labels: String, to text: inout String)
}

/// Only ever goes up.
final class PrometheusCounter: PrometheusInstrument, CounterHandler, FloatingPointCounterHandler {
    private let whole = Atomic<Int64>(0)
    private let fraction = Mutex(0.0)

    func increment(by amount: Int64) { whole.add(amount, ordering: .relaxed) }
    func increment(by amount: Double) { fraction.withLock { $0 += amount } }

    /// For what the system counts, and not this process.
    func advance(to value: Double) { fraction.withLock { $0 = max($0, value) } }

    func reset() {
        whole.store(0, ordering: .relaxed)
        fraction.withLock { $0 = 0 }
    }

    var value: Double { Double(whole.load(ordering: .relaxed)) + fraction.withLock { $0 } }

    func write(name: String, labels: String, to text: inout String) {
        text += "\(series(name, labels)) \(Exposition.number(value))\n"
    }
}

/// A value that goes up and down.
final class PrometheusGauge: PrometheusInstrument, MeterHandler, RecorderHandler {
    private let bits = Atomic(0.0.bitPattern)

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func increment(by amount: Double) { change { $0 + amount } }
    func decrement(by amount: Double) { change { $0 - amount } }

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    private func change(_ transform: (Double) -> Double) {
        var current = bits.load(ordering: .relaxed)
        while true {
            let next = transform(Double(bitPattern: current)).bitPattern
            let result = bits.weakCompareExchange(expected: current, desired: next, ordering: .relaxed)
            if result.exchanged { return }
            current = result.original
        }
    }

    func write(name: String, labels: String, to text: inout String) {
        text += "\(series(name, labels)) \(Exposition.number(value))\n"
    }
}

/// How values are spread over fixed buckets; a timer's are in seconds.
final class PrometheusHistogram: PrometheusInstrument, TimerHandler, RecorderHandler {
    /// Upper bounds, in seconds for timers: from a lookup in memory to the longest job.
    static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

    private struct State {
        var counts = Array(repeating: 0, count: PrometheusHistogram.bounds.count + 1)
        var sum = 0.0
    }

    private let state = Mutex(State())

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let bucket = Self.bounds.firstIndex { value <= $0 } ?? Self.bounds.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    func write(name: String, labels: String, to text: inout String) {
        let state = state.withLock { $0 }
        let prefix = labels.isEmpty ? "" : labels + ","
        var total = 0
        for (index, count) in state.counts.enumerated() {
            total += count
            let bound = index < Self.bounds.count ? Exposition.number(Self.bounds[index]) : "+Inf"
            text += "\(name)_bucket{\(prefix)le=\"\(bound)\"} \(total)\n"
        }
        text += "\(series(name + "_sum", labels)) \(Exposition.number(state.sum))\n"
        text += "\(series(name + "_count", labels)) \(total)\n"
    }
}

private func series(_ name: String, _ labels: String) -> String { labels.isEmpty ? name : "\(name){\(labels)}" }
