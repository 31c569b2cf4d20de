import Jobs
import Testing

@Suite struct `The retry policy` {
    @Test(arguments: [(0, 2.0), (1, 4.0), (5, 64.0), (8, 512.0), (9, 900.0), (40, 900.0), (Int.max, 900.0)])
    func `a delay is spread over nothing to the doubled ceiling`(_ attempts: Int, _ ceiling: Double) {
        var generator = SystemRandomNumberGenerator()
        let policy = RetryPolicy(maxAttempts: 5)
        let delays = (0..<2000).map { _ in policy.delay(after: attempts, using: &generator).seconds }
        #expect(delays.allSatisfy { (0...ceiling).contains($0) })
        // Uniform: of 2000, none in the lowest or the highest tenth has the chance 0.9^2000.
        #expect(delays.contains { $0 < ceiling * 0.1 })
        #expect(delays.contains { $0 > ceiling * 0.9 })
    }
}
