import Synchronization
import Testing

@testable import Jobs

@Suite(.timeLimit(.minutes(1))) struct `Turns of tasks` {
    @Test func `come in order, one at a time, and who is cancelled waits for none`() async throws {
        let turns = Turns()
        let order = Order()
        var waiting: [Task<Void, any Error>] = []
        try await turns.take {
            // Each waits in line before the next comes.
            for name in ["first", "cancelled", "last"] {
                waiting.append(Task.immediate { try await turns.take { order.add(name) } })
            }
            waiting[1].cancel()
            await #expect(throws: CancellationError.self) { try await waiting[1].value }
            order.add("holder")
        }
        try await waiting[0].value
        try await waiting[2].value
        #expect(order.names == ["holder", "first", "last"])
    }
}

private final class Order: Sendable {
    private let added = Mutex<[String]>([])
    var names: [String] { added.withLock { $0 } }
    func add(_ name: String) { added.withLock { $0.append(name) } }
}
