import CCurl
import Synchronization

/// What the client's tasks and its thread share.
final class CurlLoop: Sendable {
    private struct Inbox {
        var orders: [CurlOrder] = []
        var cancelled: [UInt64] = []
        var isStopped = false
    }

    private let inbox = Mutex(Inbox())
    private let multi: CurlMulti
    private let profile: CurlProfile
    private let lastID = Atomic<UInt64>(0)
    /// Orders that nobody has answered yet.
    private let pending = Atomic(0)

    init(_ profile: CurlProfile) throws(CurlError) {
        self.profile = profile
        multi = try CurlMulti(connections: profile.concurrency)
    }

    func nextID() -> UInt64 { lastID.add(1, ordering: .relaxed).newValue }

    func take(_ order: CurlOrder) {
        let limit = profile.concurrency + profile.waitingLimit
        guard pending.add(1, ordering: .relaxed).newValue <= limit else {
            pending.subtract(1, ordering: .relaxed)
            order.continuation.resume(throwing: CurlError.busy(reason: "\(limit) requests wait already"))
            return
        }
        inbox.withLock { $0.orders.append(order) }
        multi.wake()
    }

    func cancel(_ id: UInt64) {
        inbox.withLock { $0.cancelled.append(id) }
        multi.wake()
    }

    func stop() {
        inbox.withLock { $0.isStopped = true }
        multi.wake()
    }

    /// Blocks until ``stop()``, by which time nobody waits any more: whoever does holds the client.
    func run() {
        let locale = unsafe ccurl_begin_utf8()
        defer { unsafe ccurl_end_utf8(locale) }
        var desk = CurlDesk(multi: multi, profile: profile)
        while true {
            let news = inbox.withLock { inbox in
                defer { inbox = Inbox(isStopped: inbox.isStopped) }
                return inbox
            }
            if news.isStopped { return }
            var ended = desk.take(news.orders)
            ended += desk.cancel(news.cancelled)
            ended += desk.advance()
            for end in ended {
                pending.subtract(1, ordering: .relaxed)
                end.continuation.resume(with: end.result)
            }
            // A free place is filled at once.
            multi.wait(atMost: ended.isEmpty ? desk.timeToNextLimit : .zero)
        }
    }
}
