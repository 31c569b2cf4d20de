package import CoreMetrics
import Jobs
import Synchronization

/// Hears of the jobs that this process has done, as one more back end of the metrics.
package final class JobMeter: MetricsFactory {
    private let tally = Tally()

    package init() {}

    /// Those since it was last asked.
    func take() -> JobFigures { tally.take() }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let isDone = label == MeasureLabel.jobsFinished && dimensions.contains { $0 == ("state", "done") }
        return isDone ? tally : NOOPMetricsHandler.instance
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        label == MeasureLabel.jobDuration ? tally : NOOPMetricsHandler.instance
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        NOOPMetricsHandler.instance
    }

    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}

/// What was done in a stretch of time.
struct JobFigures: Equatable {
    private(set) var done = 0
    /// How long jobs took, in seconds: all of them, or a fair choice of as many as a line may hold.
    private(set) var durations: [Double] = []
    private var durationCount = 0

    mutating func count(_ jobs: Int) { done += jobs }

    mutating func record(_ seconds: Double) {
        durationCount += 1
        // Microseconds do for a picture.
        let seconds = (seconds * 1e6).rounded() / 1e6
        if durations.count < MetricLine.valueLimit { return durations.append(seconds) }
        // Vitter's algorithm R: each of them stays with the same chance.
        let place = Int.random(in: 0..<durationCount)
        if place < durations.count { durations[place] = seconds }
    }
}

private final class Tally: CounterHandler, TimerHandler {
    private let figures = Mutex(JobFigures())

    func take() -> JobFigures {
        figures.withLock { figures in
            defer { figures = JobFigures() }
            return figures
        }
    }

    func increment(by amount: Int64) { figures.withLock { $0.count(Int(amount)) } }
    func reset() { _ = take() }
    func recordNanoseconds(_ duration: Int64) { figures.withLock { $0.record(Double(duration) / 1e9) } }
}
