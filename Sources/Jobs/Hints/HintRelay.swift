package import Logging
import ServiceLifecycle

/// Keeps the processes of a deployment told: sends what the outbox holds, and rings this process's bells for what others
/// send. Where the channel is broken everything goes on, by the slow looks at the store.
package struct HintRelay: Service {
    private let channel: any HintChannel
    private let outbox: HintOutbox
    private let changes: JobChanges
    private let work: Bell
    private let logger: Logger

    /// - Parameter work: rung when other processes have work to give.
    package init(
        _ channel: any HintChannel, outbox: HintOutbox, changes: JobChanges, work: Bell, logger: Logger
    ) {
        self.channel = channel
        self.outbox = outbox
        self.changes = changes
        self.work = work
        self.logger = logger
    }

    /// Runs until it is asked to stop, which is after those that answer requests have stopped. What they said last is sent.
    package func run() async throws {
        // Cancelled when the sending has ended.
        async let _ = listen()
        await withTaskGroup { group in
            group.addTask { await send() }
            group.addTask {
                try? await gracefulShutdown()
                try? await Task.sleep(for: Self.partingTime)
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func listen() async {
        while !Task.isCancelled {
            do {
                try await channel.listen { hints in
                    guard hints.sender != outbox.sender else { return }
                    changes.hear(hints.changed)
                    if hints.isWork { work.ring() }
                }
            } catch is CancellationError {
                return
            } catch {
                logger.warning("hints of other processes are not heard", metadata: [LogKey.error: "\(error)"])
            }
            try? await Task.sleep(for: Self.pauseAfterFailure * Double.random(in: 0.8...1.2))
            // Whatever was said meanwhile went unheard.
            changes.hearAll()
            work.ring()
        }
    }

    private func send() async {
        var isOver = false
        while !isOver {
            do {
                try await cancelWhenGracefulShutdown {
                    await outbox.bell.wait()
                    // What comes within this time travels along.
                    try await Task.sleep(for: Self.gatheringTime)
                }
            } catch {
                isOver = true
            }
            for hints in outbox.takeAll() {
                do {
                    try await channel.send(hints)
                } catch {
                    logger.debug("hints were not sent", metadata: [LogKey.error: "\(error)"])
                    break
                }
            }
        }
    }

    private static let gatheringTime = Duration.milliseconds(5)
    private static let pauseAfterFailure = Duration.seconds(1)
    /// How long the last hints may take.
    private static let partingTime = Duration.seconds(1)
}
