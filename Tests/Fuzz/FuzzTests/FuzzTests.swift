import Testing

/// What `scripts/fuzz.sh` does for minutes and by what it learns, for a moment and always the same: so a promise that no
/// longer holds, or a fuzzer that no longer compiles, is seen at once.
@Suite struct FuzzTests {
    @Test("Parsers keep their promises on bytes that nobody would write", arguments: fuzzers.map { $0.name })
    func fuzzer(name: String) throws {
        let fuzzer = try #require(fuzzers.first { $0.name == name })
        var random = SplitMix64(state: 20_26)
        for seed in fuzzer.seeds { fuzzer.feed(seed) }
        for _ in 0..<3_000 {
            guard var bytes = fuzzer.seeds.randomElement(using: &random) else { continue }
            for _ in 0..<Int.random(in: 1...6, using: &random) { change(&bytes, using: &random) }
            fuzzer.feed(bytes)
        }
    }

    private func change(_ bytes: inout [UInt8], using random: inout SplitMix64) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        let end = min(bytes.count, place + Int.random(in: 1...8, using: &random))
        switch Int.random(in: 0..<6, using: &random) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1 where place < bytes.count: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
        case 2: bytes.insert(.random(in: 0...255, using: &random), at: place)
        case 3: bytes.removeSubrange(place..<end)
        case 4: bytes.insert(contentsOf: bytes[place..<end], at: place)
        default: bytes.removeSubrange(place...)
        }
    }
}

/// G. L. Steele, D. Lea and C. H. Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
