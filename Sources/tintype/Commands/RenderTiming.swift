import Codecs
import Imaging
import NIOPosix
import Rendering
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Develops one picture many times and says how long that took: without the start of a process, and without writing files.
struct RenderTiming {
    let renderer: Renderer
    let source: FilePath
    let plan: Plan
    let planFiles: [String: FilePath]
    let rounds: Int
    let threads: Int

    struct Report: Encodable {
        /// Each round's.
        var milliseconds: [Double]
        /// From the first begin to the last end.
        var seconds: Double
        /// The most memory that the process has had, after ten rounds and after all.
        var peakBytesAfterTen: Int
        var peakBytes: Int

        private enum CodingKeys: String, CodingKey {
            case milliseconds, seconds
            case peakBytesAfterTen = "peak_rss_bytes_after_10"
            case peakBytes = "peak_rss_bytes"
        }
    }

    /// - Returns: what was measured, and the last result.
    func measure() async throws -> (Report, [UInt8]) {
        let pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
        // What a first round costs alone, such as pages and tables, is no round's.
        var result = try await develop(on: pool, rounds: threads).last?.result ?? []
        let clock = ContinuousClock()
        let start = clock.now
        var rounds = try await develop(on: pool, rounds: min(rounds, 10))
        let peakAfterTen = Self.peakBytes
        rounds += try await develop(on: pool, rounds: self.rounds - rounds.count)
        let seconds = start.duration(to: clock.now) / .seconds(1)
        try await pool.shutdownGracefully()
        if let last = rounds.last { result = last.result }
        let report = Report(
            milliseconds: rounds.map { $0.time / .milliseconds(1) }, seconds: seconds,
            peakBytesAfterTen: peakAfterTen, peakBytes: Self.peakBytes)
        return (report, result)
    }

    private struct Round {
        var time: Duration
        var result: [UInt8]
    }

    private func develop(on pool: NIOThreadPool, rounds: Int) async throws -> [Round] {
        try await withThrowingTaskGroup(of: Round.self) { group in
            // No more than keep the threads busy: each that waits takes memory, which is measured here as well.
            var left = rounds
            func begin() {
                guard left > 0 else { return }
                left -= 1
                group.addTask { try await pool.runIfActive { try develop() } }
            }
            for _ in 0..<threads * 2 { begin() }
            var done: [Round] = []
            for try await round in group {
                begin()
                // One result is enough to look at.
                if !done.isEmpty { done[done.count - 1].result = [] }
                done.append(round)
            }
            return done
        }
    }

    private func develop() throws -> Round {
        let clock = ContinuousClock()
        let start = clock.now
        let bytes = MemoryByteSink()
        _ = try renderer.render(
            EncodedImage(path: source.string), by: plan,
            with: planFiles.mapValues { try EncodedImage(path: $0.string) }, into: bytes
        ) { _ in }
        return Round(time: start.duration(to: clock.now), result: bytes.bytes)
    }

    private static var peakBytes: Int {
        var usage = rusage()
        // Linux counts in KiB, Darwin in bytes.
        #if canImport(Glibc)
            guard unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
            return usage.ru_maxrss * 1024
        #else
            guard unsafe getrusage(RUSAGE_SELF, &usage) == 0 else { return 0 }
            return usage.ru_maxrss
        #endif
    }
}
