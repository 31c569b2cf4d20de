package import Logging
import ServiceLifecycle

/// Writes down what this process does, slot by slot, where all processes read it: a page that is opened now shows the hour
/// before, whichever process serves it.
///
/// A process that dies takes the last seconds' counts of its own along; they are figures to look at, and the jobs
/// themselves are in the store.
package struct Historian: Service {
    private let store: any JobStore
    private let meter: HistoryMeter
    private let seesQueue: Bool
    private let logger: Logger

    /// - Parameter seesQueue: whether it also notes how long the queue is; a few processes are enough for that.
    package init(store: any JobStore, meter: HistoryMeter, seesQueue: Bool, logger: Logger) {
        self.store = store
        self.meter = meter
        self.seesQueue = seesQueue
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.interval)) != nil { await record() }
        }
        await record()
    }

    /// Twice in each slot, so that what is counted goes where it belongs but for a moment.
    private static let interval = HistorySlot.length / 2

    func record(at time: Timestamp = .now) async {
        // What was counted until now began in the slot that half an interval ago was in.
        var slot = meter.take(HistorySlot(containing: time - Self.interval / 2).start)
        do {
            if seesQueue {
                let figures = try await store.figures()
                slot.depth = figures.depth
                slot.inProgress = figures.inProgress
            }
            if !slot.amounts.isEmpty { try await store.record(slot) }
        } catch {
            (slot.depth, slot.inProgress) = (0, 0)
            meter.giveBack(slot)
            logger.warning("history was not recorded", metadata: [LogKey.error: "\(error)"])
        }
    }
}
