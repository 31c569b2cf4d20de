/// How often and when failed work is tried again.
package struct RetryPolicy: Sendable {
    /// Tries that may end in an error.
    package var maxAttempts: Int
    /// Tries that may end with no word: the third dead process is no accident.
    package var maxCrashes = 3
    package var baseDelay = Duration.seconds(2)
    package var maxDelay = Duration.seconds(15 * 60)

    package init(maxAttempts: Int) { self.maxAttempts = maxAttempts }

    /// Full jitter: uniform between nothing and `min(maxDelay, baseDelay × 2ⁿ)`, so that what failed together does not
    /// come back together (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
    ///
    /// - Parameter attempts: how many tries have failed before this one.
    package func delay(
        after attempts: Int, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        let ceiling = min(maxDelay, baseDelay * (1 << min(attempts, 20)))
        return .milliseconds(Int64.random(in: 0...ceiling.milliseconds, using: &generator))
    }
}
