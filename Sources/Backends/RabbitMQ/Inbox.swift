import Jobs
import NIOCore
import Synchronization

/// Where the deliveries of one connection wait for somebody to take them.
final class Inbox: Sendable {
    private struct State {
        var deliveries: [Priority: CircularBuffer<AMQPDelivery>] = [:]
        mutating func next() -> AMQPDelivery? {
            for priority in Priority.drawn().andOthers {
                if let delivery = deliveries[priority]?.popFirst() { return delivery }
            }
            return nil
        }
    }

    private let state = Mutex(State())
    private let bell = Bell()

    /// What the server may deliver without an acknowledgement bounds it.
    func put(_ delivery: AMQPDelivery, of priority: Priority) {
        state.withLock { $0.deliveries[priority, default: []].append(delivery) }
        bell.ring()
    }

    /// Forgets everything: the connection is gone, and the server hands it all to others.
    func clear() {
        state.withLock { $0 = State() }
        bell.ring()
    }

    /// Takes what is there. Each is of a class drawn by the weights, or where that has none of the highest that has one.
    func take(_ limit: Int) -> [AMQPDelivery] {
        state.withLock { state in
            var taken: [AMQPDelivery] = []
            while taken.count < limit, let next = state.next() { taken.append(next) }
            return taken
        }
    }

    /// Waits until something may have come, or the connection has ended.
    func wait(atMost limit: Duration) async { await bell.wait(atMost: limit) }
}
