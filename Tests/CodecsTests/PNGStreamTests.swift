import CZlib
import Codecs
import Imaging
import TestPictures
import Testing

@Suite struct `The pixels of a PNG` {
    /// Larger than the 64 KiB that are inflated at a time, half of it noise and half of it repeated.
    private static let large: TestPNG = {
        var noise: UInt32 = 1
        return TestPNG(
            200, 150, bits: 8, color: 6,
            samples: (0..<200 * 150 * 4).map { i in
                noise = noise &* 1_664_525 &+ 1_013_904_223
                return i % 1600 < 800 ? Int(noise >> 24) : i % 800 / 7
            })
    }()
    private static let small = PNG.sample((2, 8))

    private static func read(_ bytes: [UInt8], equals png: TestPNG) throws -> Bool {
        try Picture(decoding: bytes).pixels
            == png.samples.enumerated().flatMap { i, sample in
                png.color == 2 && i % 3 == 2 ? [UInt8(sample), 255] : [UInt8(sample)]
            }
    }

    private static func cut(_ stream: [UInt8], every size: Int) -> [[UInt8]] {
        stride(from: 0, to: stream.count, by: size).map { Array(stream[$0..<min($0 + size, stream.count)]) }
    }

    private static let deflations =
        [Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE].map { Deflation(strategy: $0) } + [Deflation(level: 0)]
        + (9...15).map { Deflation(level: 9, windowBits: $0) }

    @Test(arguments: deflations, [false, true])
    func `are read from blocks of every kind and windows of every size`(_ deflation: Deflation, _ isInterlaced: Bool)
        throws
    {
        let bytes = Self.large.bytes(isInterlaced: isInterlaced, packing: deflation.stream)
        #expect(try Self.read(bytes, equals: Self.large))
    }

    /// Filters each row (section 9), the first by the first and so on.
    private static func filter(_ rows: [UInt8], _ png: TestPNG, by filters: [UInt8]) -> [UInt8] {
        let bits = (png.samples.count / png.width / png.height) * png.bits
        let pixel = max(1, bits / 8), size = (bits * png.width + 7) / 8 + 1
        let byte = { (y: Int, x: Int) in y < 0 || x < 1 ? 0 : Int(rows[y * size + x]) }
        return (0..<png.height).flatMap { y in
            let filter = filters[y % filters.count]
            return [filter]
                + (1..<size).map { x in
                    let left = byte(y, x - pixel), above = byte(y - 1, x), corner = byte(y - 1, x - pixel)
                    let sum = left + above - corner
                    let (a, b, c) = (abs(sum - left), abs(sum - above), abs(sum - corner))
                    let paeth = a <= b && a <= c ? left : b <= c ? above : corner
                    let predicted = [0, left, above, (left + above) / 2, paeth][Int(min(filter, 4))]
                    return UInt8(truncatingIfNeeded: byte(y, x) - predicted)
                }
        }
    }

    @Test(arguments: PNG.kinds)
    func `are read from rows of every filter`(_ kind: (color: UInt8, bits: Int)) throws {
        let png = PNG.sample(kind)
        for filters in [[0], [1], [2], [3], [4], [4, 3, 2, 1, 0]] as [[UInt8]] {
            let bytes = png.bytes(packing: { Deflation().stream(Self.filter($0, png, by: filters)) })
            #expect(try Picture(decoding: bytes).pixels == PNG.expected(png), "\(filters)")
        }
    }

    @Test func `are read from filtered rows of every length`() throws {
        // As many rows as are inflated at a time, and rows that are longer than that.
        let others = [(200, 81), (20_000, 3)].map { width, height in
            TestPNG(width, height, bits: 8, color: 6, samples: (0..<width * height * 4).map { $0 * 7919 >> 5 })
        }
        for png in [Self.large] + others {
            let bytes = png.bytes(packing: { Deflation().stream(Self.filter($0, png, by: [4, 3, 2, 1])) })
            #expect(try Self.read(bytes, equals: png))
        }
    }

    @Test func `with a filter that there is not are refused`() {
        let bytes = Self.small.bytes(packing: { Deflation().stream(Self.filter($0, Self.small, by: [0, 5])) })
        #expect(throws: DecodeError.malformed(.png, reason: "bad adaptive filter value")) {
            try Picture(decoding: bytes)
        }
    }

    @Test(arguments: [1, 7, 8192, 100_000], [0, 6])
    func `are read from chunks of every size`(_ size: Int, _ level: Int) throws {
        let deflation = Deflation(level: Int32(level))
        let bytes = Self.large.bytes(packing: deflation.stream) { Self.cut($0, every: size) }
        #expect(try Self.read(bytes, equals: Self.large))
    }

    @Test func `are read from among empty chunks`() throws {
        let bytes = Self.small.bytes(cutting: { stream in
            [[], []] + Self.cut(stream, every: 5).flatMap { [$0, []] } + [[]]
        })
        #expect(try Self.read(bytes, equals: Self.small))
    }

    @Test func `may be followed by more rows, by other bytes and by nothing`() throws {
        let more = { (rows: [UInt8]) in rows + [UInt8](repeating: 0, count: 100_000) }
        #expect(try Self.read(Self.small.bytes(packing: { Deflation().stream(more($0)) }), equals: Self.small))
        #expect(
            try Self.read(
                Self.small.bytes(packing: { Deflation().stream(more($0)) }, cutting: { Self.cut($0, every: 100) }),
                equals: Self.small))
        #expect(try Self.read(Self.small.bytes(cutting: { [$0 + [1, 2, 3], [4, 5]] }), equals: Self.small))
        // The end chunk has 12 bytes.
        #expect(try Self.read(Array(Self.small.bytes().dropLast(12)), equals: Self.small))
    }

    @Test(arguments: [1, 7, 1000])
    func `in a chunk with a wrong checksum are refused`(_ size: Int) throws {
        let bytes = Self.small.bytes(cutting: { Self.cut($0, every: size) })
        for place in bytes.indices where bytes[place...].starts(with: "IDAT".utf8) {
            let length = bytes[place - 4..<place].reduce(0) { $0 << 8 | Int($1) }
            let checksum = place + 4 + length
            for at in [checksum, checksum + 3] {
                let changed = bytes.replacing(at..<at + 1, with: [bytes[at] ^ 1])
                #expect(throws: DecodeError.malformed(.png, reason: "a chunk of pixels has a wrong checksum")) {
                    try Picture(decoding: changed)
                }
            }
        }
    }

    @Test func `with a wrong checksum of their own are refused`() throws {
        for place in 1...4 {
            let bytes = Self.large.bytes(packing: { rows in
                let stream = Deflation().stream(rows), at = stream.count - place
                return stream.replacing(at..<at + 1, with: [~stream[at]])
            })
            #expect(throws: DecodeError.malformed(.png, reason: "the pixels have a wrong checksum")) {
                try Picture(decoding: bytes)
            }
        }
    }

    @Test(arguments: [0, 6])
    func `are never others than were written`(_ level: Int) {
        var stream: [UInt8] = []
        _ = Self.small.bytes(packing: { rows in
            stream = Deflation(level: Int32(level)).stream(rows)
            return stream
        })
        for place in stream.indices {
            for bit in UInt8(0)..<8 {
                let changed = stream.replacing(place..<place + 1, with: [stream[place] ^ 1 << bit])
                do {
                    #expect(try Self.read(Self.small.bytes(packing: { _ in changed }), equals: Self.small))
                } catch {
                    #expect(error is DecodeError)
                }
            }
        }
    }

    @Test func `that end before the last row, or in the middle of a chunk, are refused`() throws {
        let few = Self.small.bytes(packing: { Deflation().stream(Array($0.dropLast(3))) })
        #expect(throws: DecodeError.malformed(.png, reason: "Not enough image data")) { try Picture(decoding: few) }
        // Without the end of the stream.
        let open = Self.small.bytes(packing: { Array(Deflation().stream($0).dropLast(4)) })
        #expect(throws: DecodeError.malformed(.png, reason: "not enough pixels")) { try Picture(decoding: open) }
        let whole = Self.large.bytes(packing: Deflation().stream) { Self.cut($0, every: 3000) }
        let first = try #require(whole.indices.first { whole[$0...].starts(with: "IDAT".utf8) })
        for count in [first + 4, first + 5, first + 3003, first + 3007, first + 3010, whole.count - 13] {
            #expect(throws: DecodeError.truncated) { try Picture(decoding: Array(whole[..<count])) }
        }
    }

    @Test func `that need a dictionary, or are interrupted, are refused`() throws {
        let deflation = Deflation(dictionary: [1, 2, 3])
        let bytes = Self.small.bytes(packing: deflation.stream)
        #expect(throws: DecodeError.malformed(.png, reason: "the pixels need a dictionary")) {
            try Picture(decoding: bytes)
        }
        var parts = Self.small.bytes(cutting: { Self.cut($0, every: 40) })
        let second = try #require(
            parts.indices.filter { parts[$0...].starts(with: "IDAT".utf8) }.dropFirst().first)
        parts.replaceSubrange(second..<second + 4, with: "teXt".utf8)
        #expect(throws: DecodeError.malformed(.png, reason: "not enough pixels")) { try Picture(decoding: parts) }
    }
}
