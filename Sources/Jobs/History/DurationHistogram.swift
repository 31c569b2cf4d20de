#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// How durations are spread, from a millisecond to five hours, in steps of √2: sums of such histograms are histograms, so
/// that many processes count into one, and percentiles are known to within a fifth.
package struct DurationHistogram: Sendable, Hashable {
    /// The first bucket holds what is shorter than ``first``, and each that follows what is up to √2 times as long.
    package private(set) var counts = [Int](repeating: 0, count: bucketCount)

    private static let first = 0.001
    private static let bucketCount = 49

    package init() {}

    package mutating func add(_ duration: Duration) {
        let steps = (log2(max(duration.seconds, Self.first / 2) / Self.first) * 2).rounded(.down)
        counts[min(max(Int(steps) + 1, 0), Self.bucketCount - 1)] += 1
    }

    mutating func add(_ other: DurationHistogram) {
        for (index, count) in other.counts.enumerated() { counts[index] += count }
    }

    mutating func set(_ bucket: Int, _ count: Int) {
        if counts.indices.contains(bucket) { counts[bucket] = count }
    }

    /// The time that a part of them, 0…1, does not exceed, to within a fifth: the middle of its bucket on the logarithmic
    /// scale; `nil` where there are none.
    package func percentile(_ part: Double) -> Duration? {
        let total = counts.reduce(0, +)
        guard total > 0 else { return nil }
        var sum = 0
        for (index, count) in counts.enumerated() {
            sum += count
            if count > 0, Double(sum) >= part * Double(total) {
                return .seconds(Self.first * exp2((Double(index) - 0.5) / 2))
            }
        }
        return nil
    }
}
