import Jobs
import Testing

@Suite struct `Priorities` {
    @Test func `each class is drawn as often as its weight says, and low never starves`() {
        var generator = SystemRandomNumberGenerator()
        let draws = (0..<12_000).map { _ in Priority.drawn(using: &generator) }
        for (priority, share) in [(Priority.high, 8000), (.normal, 3000), (.low, 1000)] {
            // Five standard deviations of a binomial count: sqrt(12000 × p × (1 − p)) ≤ 52.
            #expect(abs(draws.count { $0 == priority } - share) < 260)
        }
    }

    @Test func `every class has its turn after the preferred one`() {
        #expect(Priority.low.andOthers == [.low, .high, .normal])
        #expect(Priority.high.andOthers == [.high, .normal, .low])
    }
}
