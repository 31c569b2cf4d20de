package import CoreMetrics
import Synchronization

/// Counts what this process does for the deployment's history, as one more back end of the metrics.
package final class HistoryMeter: MetricsFactory {
    private let slot = Mutex(HistorySlot(start: Timestamp(milliseconds: 0)))

    package init() {}

    /// What was counted since it was last asked, as of a slot.
    func take(_ start: Timestamp) -> HistorySlot {
        let counted = slot.withLock { slot in
            defer { slot = HistorySlot(start: slot.start) }
            return slot
        }
        return counted.starting(at: start)
    }

    /// Takes back what could not be recorded.
    func giveBack(_ counted: HistorySlot) { slot.withLock { $0.add(counted) } }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        switch label {
        case MeasureLabel.jobsSubmitted: counter { $0.submitted += $1 }
        case MeasureLabel.jobsFinished where dimensions.contains { $0 == ("state", "done") }: counter { $0.done += $1 }
        case MeasureLabel.jobsFinished: counter { $0.failed += $1 }
        case MeasureLabel.bytesReceived: counter { $0.bytesIn += $1 }
        case MeasureLabel.bytesMade: counter { $0.bytesOut += $1 }
        default: NOOPMetricsHandler.instance
        }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        switch label {
        case MeasureLabel.jobWait: timer { $0.waits.add($1) }
        case MeasureLabel.jobDuration: timer { $0.runs.add($1) }
        default: NOOPMetricsHandler.instance
        }
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        NOOPMetricsHandler.instance
    }

    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func counter(_ add: @escaping @Sendable (inout HistorySlot, Int) -> Void) -> any CounterHandler {
        SlotCounter { [self] amount in slot.withLock { add(&$0, amount) } }
    }

    private func timer(_ add: @escaping @Sendable (inout HistorySlot, Duration) -> Void) -> any TimerHandler {
        SlotTimer { [self] duration in slot.withLock { add(&$0, duration) } }
    }
}

private final class SlotCounter: CounterHandler {
    private let add: @Sendable (Int) -> Void

    init(_ add: @escaping @Sendable (Int) -> Void) { self.add = add }

    func increment(by amount: Int64) { add(Int(amount)) }
    func reset() {}
}

private final class SlotTimer: TimerHandler {
    private let add: @Sendable (Duration) -> Void

    init(_ add: @escaping @Sendable (Duration) -> Void) { self.add = add }

    func recordNanoseconds(_ duration: Int64) { add(.nanoseconds(duration)) }
}
