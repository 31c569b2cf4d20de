package import Jobs
package import Logging
import ServiceLifecycle

/// Prints metrics that CloudWatch finds in the log: what this process has done, and how the deployment stands.
///
/// The deployment's figures are printed by one process of those that print, or they would count double: the oldest that
/// lives. Each announces itself beside the workers, with no slots, and looks who else is there before it prints. One
/// that finds itself the oldest lets an interval pass, so that its line does not follow its predecessor's at once. Where one
/// is not seen for two intervals though it lives, a line may be printed twice. A lock would cost more, and have the same
/// fault.
package struct EmbeddedMetrics: Service {
    /// Of lines of one kind.
    static let interval = Duration.seconds(15)

    private let store: any JobStore
    private let meter: JobMeter?
    private let origin: MetricOrigin
    private let presence: WorkerPresence
    private let logger: Logger
    private let clock: any Clock<Duration>
    private let print: @Sendable (String) -> Void

    /// - Parameters:
    ///   - meter: of this process's jobs; `nil` where it works on none.
    ///   - print: puts out a line, to which it adds the end.
    package init(
        store: any JobStore, meter: JobMeter?, origin: MetricOrigin, host: String, version: String, logger: Logger,
        clock: any Clock<Duration> = ContinuousClock(), print: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.meter = meter
        self.origin = origin
        presence = WorkerPresence(id: WorkerID(), host: host, slots: 0, busy: 0, version: version, seenAt: .now)
        self.logger = logger
        self.clock = clock
        self.print = print
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask {
                    repeat {
                        await attempt("the printer of metrics was not announced", announce)
                    } while await wait(WorkerPresence.interval)
                }
                group.addTask {
                    var isPrinter = false
                    while await wait(Self.interval) {
                        let wasPrinter = isPrinter
                        isPrinter = false
                        await attempt("the deployment's metrics were not printed") {
                            isPrinter = try await isOldest()
                            if isPrinter, wasPrinter { try await printFleet() }
                        }
                    }
                }
                group.addTask {
                    while await wait(Self.interval) { printJobs() }
                }
            }
        }
        // What was done since, while the process was ending.
        printJobs()
        await attempt("the printer of metrics did not take its leave") { try await store.withdraw(presence.id) }
    }

    private func wait(_ interval: Duration) async -> Bool { (try? await clock.sleep(for: interval)) != nil }

    private func attempt(_ failure: Logger.Message, _ step: () async throws -> Void) async {
        do {
            try await step()
        } catch {
            if !Task.isCancelled { logger.warning(failure, metadata: [LogKey.error: "\(error)"]) }
        }
    }

    var id: WorkerID { presence.id }

    func announce() async throws { try await store.announce(presence) }

    /// Whether this is the process that prints for all.
    func isOldest() async throws -> Bool {
        let printers = try await store.workers(seenWithin: WorkerPresence.patience).filter { $0.slots == 0 }
        return printers.map(\.id).min() == presence.id
    }

    /// Prints how the deployment stands.
    func printFleet() async throws {
        let figures = try await store.figures()
        let workers = try await store.workers(seenWithin: WorkerPresence.patience)
        var line = MetricLine(of: origin)
        line.add("QueueDepth", Double(figures.depth), .count)
        line.add("InProgress", Double(figures.inProgress), .count)
        line.add("OldestJobSeconds", figures.oldestSeconds, .seconds)
        line.add("DeadLetters", Double(figures.dead), .count)
        line.add("BacklogPerWorker", figures.backlogPerWorker(of: workers), .count)
        print(line.text(at: .now))
    }

    private func printJobs() {
        guard let figures = meter?.take() else { return }
        var line = MetricLine(of: origin)
        line.add("JobsDone", Double(figures.done), .count)
        line.add("JobDuration", figures.durations, .seconds)
        print(line.text(at: .now))
    }
}
