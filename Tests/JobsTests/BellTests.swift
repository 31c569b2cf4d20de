import Jobs
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A bell` {
    @Test func `a ring that nobody heard lets the next one through at once`() async {
        let bell = Bell()
        bell.ring()
        bell.ring()
        await bell.wait()
        // The second ring was the same as the first: this wait ends by its time, not by a ring.
        let start = ContinuousClock.now
        await bell.wait(atMost: .milliseconds(20))
        #expect(start.duration(to: .now) >= .milliseconds(20))
    }

    @Test func `all who wait hear a ring`() async {
        let bell = Bell()
        await withTaskGroup { group in
            for _ in 0..<10 { group.addTask { _ = await bell.wait(atMost: .seconds(30)) } }
            group.addTask {
                // Rings until everybody has gone: a waiter may come late.
                while !Task.isCancelled {
                    bell.ring()
                    await Task.yield()
                }
            }
            for _ in 0..<10 { await group.next() }
            group.cancelAll()
        }
    }

    @Test func `a wait that was given up leaves the bell working`() async {
        let bell = Bell()
        await bell.wait(atMost: .milliseconds(1))
        let waiting = Task { await bell.wait() }
        waiting.cancel()
        await waiting.value
        bell.ring()
        await bell.wait()
    }
}
