import Testing

@testable import Imaging

/// The loops for wider vectors and those in Swift; where the processor has none, they are the same.
@Suite struct `Wider vectors` {
    private static func samples(_ count: Int, seed: UInt64) -> [Int16] {
        var numbers = Numbers(state: seed)
        return (0..<count).map { _ in Int16(truncatingIfNeeded: numbers.next() % 20_000) - 1_700 }
    }

    private static let windows = [(100, 37), (64, 64), (33, 200), (400, 11), (7, 5), (1, 3)]

    @Test(arguments: windows, [PixelFormat.rgba8, .gray8])
    func `mix along rows as others do`(_ counts: (Int, Int), _ format: PixelFormat) {
        let table = AxisTable(
            .lanczos(inputCount: counts.0, window: 0..<Double(counts.0), outputCount: counts.1))
        let passes = [true, false].map { HorizontalPass(table, format: format, isWide: $0 && hasWideVectors) }
        let first = Self.samples(passes[0].inputSampleCount, seed: 3)
        let second = Self.samples(passes[0].inputSampleCount, seed: 4)
        let count = 2 * passes[0].outputSampleCount
        let results = passes.map { pass in
            var result = [Int16](repeating: 0, count: count + 18)
            pass.apply(to: first, second, into: &result, at: 16)
            return Array(result[16..<16 + count])
        }
        #expect(results[0] == results[1])
    }

    @Test(arguments: windows)
    func `mix rows as others do`(_ counts: (Int, Int)) {
        let table = AxisTable(
            .lanczos(inputCount: counts.0, window: 0..<Double(counts.0), outputCount: counts.1))
        let passes = [true, false].map { VerticalPass(table, isWide: $0 && hasWideVectors) }
        let ring = Self.samples(passes[0].ringPairCount * 96, seed: 5)
        for output in 0..<counts.1 {
            let results = passes.map { pass in
                var result = [Int16](repeating: 0, count: 48)
                pass.mix(output, from: ring, pairStride: 96, into: &result)
                return result
            }
            #expect(results[0] == results[1])
        }
    }
}
