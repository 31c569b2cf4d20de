import Dispatch
import Rendering
import Synchronization
import Testing

@Suite struct `A memory budget` {
    private struct Stop: Error {}

    @Test func `refuses what does not fit at all`() {
        let budget = MemoryBudget(byteCount: 10)
        #expect(throws: LimitError.tooMuchMemory(byteCount: 11, limit: 10)) {
            try budget.withBytes(11, checkpoint: {}) {}
        }
        #expect(throws: Never.self) { try budget.withBytes(10, checkpoint: {}) {} }
    }

    @Test func `gives bytes back, after an error too`() throws {
        let budget = MemoryBudget(byteCount: 10)
        #expect(throws: Stop.self) { try budget.withBytes(10, checkpoint: {}) { throw Stop() } }
        try budget.withBytes(6, checkpoint: {}) { try budget.withBytes(4, checkpoint: { throw Stop() }) {} }
    }

    @Test func `lets what does not fit now wait its turn`() throws {
        let budget = MemoryBudget(byteCount: 10)
        let order = Mutex<[String]>([])
        let asked = DispatchSemaphore(value: 0)
        let done = DispatchSemaphore(value: 0)
        try budget.withBytes(8, checkpoint: {}) {
            Thread.start {
                // The checkpoint is asked only while waiting.
                try? budget.withBytes(5, checkpoint: { _ = asked.signal() }) { order.withLock { $0.append("waiter") } }
                done.signal()
            }
            asked.wait()
            order.withLock { $0.append("holder") }
        }
        done.wait()
        #expect(order.withLock { $0 } == ["holder", "waiter"])
    }

    @Test func `does not let small ones pass a large one that waits`() throws {
        let budget = MemoryBudget(byteCount: 10)
        let asked = DispatchSemaphore(value: 0)
        let done = DispatchSemaphore(value: 0)
        try budget.withBytes(8, checkpoint: {}) {
            Thread.start {
                _ = try? budget.withBytes(9, checkpoint: { _ = asked.signal() }) {}
                done.signal()
            }
            asked.wait()
            #expect(throws: Stop.self) { try budget.withBytes(1, checkpoint: { throw Stop() }) {} }
        }
        done.wait()
        try budget.withBytes(10, checkpoint: { throw Stop() }) {}
    }

    @Test func `lets a waiting one give up`() throws {
        let budget = MemoryBudget(byteCount: 10)
        try budget.withBytes(10, checkpoint: {}) {
            _ = #expect(throws: Stop.self) { try budget.withBytes(10, checkpoint: { throw Stop() }) {} }
        }
        try budget.withBytes(10, checkpoint: { throw Stop() }) {}
    }
}

/// A thread of its own: waiting blocks it, which the test's own pool must not be.
private enum Thread {
    static func start(_ body: @escaping @Sendable () -> Void) {
        DispatchQueue(label: "memory budget").async(execute: body)
    }
}
