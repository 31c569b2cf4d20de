#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

import Codecs
import Imaging
import Rendering
import TestPictures
import Testing

@Suite struct `Sources of 16 bits` {
    private static let (width, height) = (40, 30)

    /// Red rises by one level of 65535 a pixel, green by 257 a row, and blue falls.
    private static func color(_ x: Int, _ y: Int) -> [Int] { [30_000 + x, 20_000 + 257 * y, 60_000 - 100 * x - 7 * y] }

    private static func png(isInterlaced: Bool = false, profile: [UInt8] = []) -> [UInt8] {
        var png = TestPNG(
            width, height, bits: 16, color: 2,
            samples: (0..<height).flatMap { y in (0..<width).flatMap { x in color(x, y) } })
        png.profile = profile
        return png.bytes(isInterlaced: isInterlaced)
    }

    private static func deep(_ steps: [String], _ output: [String: JSONValue] = [:]) throws -> Decoded {
        let decoded = try Decoded(Renderer().file(png(), steps, output: output), keepsDepth: true)
        try #require(decoded.layout.format.isDeep)
        return decoded
    }

    @Test(arguments: [ImageFormat.png, .tiff])
    func `are turned, cut and padded with all their bits`(_ format: ImageFormat) throws {
        let output: [String: JSONValue] = ["format": .string(format.rawValue)]
        let steps = ["crop:3:2:20x10", "flop", "rotate:90", "pad:1:0:0:0:background=ff0000", "trim"]
        let found = try Self.deep(steps, output)
        // The margin is trimmed again: the corner has its colour.
        #expect(found.layout.size == Size(width: 10, height: 20))
        for y in 0..<20 {
            for x in 0..<10 {
                // Mirrored, then turned clockwise: row y was column y from the right, column x row x from below.
                let wanted = Self.color(22 - y, 11 - x) + [65_535]
                #expect(Array(found.levels[(y * 10 + x) * 4..<(y * 10 + x) * 4 + 4]) == wanted)
            }
        }
    }

    /// A slope that is resampled is the same slope, but for where the kernel is cut off at the edges.
    @Test(arguments: [("resize:20x", 20, 15), ("thumbnail:20", 20, 15), ("resize:80x60:fit=fill", 80, 60)])
    func `are resampled within a few levels of 65535`(_ step: String, _ width: Int, _ height: Int) throws {
        let found = try Self.deep([step])
        #expect(found.layout.size == Size(width: width, height: height))
        let scale = Double(Self.width) / Double(width)
        // Lanczos does not keep slopes exactly: it is off by up to a fortieth of what a sample differs from its neighbours.
        let ripple = [1.0, 257, 107].map { 1 + $0 / 40 }
        for y in height / 4..<height * 3 / 4 {
            for x in width / 4..<width * 3 / 4 {
                let (across, down) = ((Double(x) + 0.5) * scale - 0.5, (Double(y) + 0.5) * scale - 0.5)
                let wanted = [30_000 + across, 20_000 + 257 * down, 60_000 - 100 * across - 7 * down]
                for channel in 0..<3 {
                    let level = Double(found.levels[(y * width + x) * 4 + channel])
                    #expect(abs(level - wanted[channel]) <= ripple[channel])
                }
            }
        }
    }

    @Test func `are coloured within one level of 65535`() throws {
        let levels = try Self.deep(["sepia", "gamma:2"]).levels
        let matrix = [[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]]
        for y in 0..<Self.height {
            for x in 0..<Self.width {
                let color = Self.color(x, y).map { Double($0) / 65_535 }
                for (channel, row) in matrix.enumerated() {
                    let sum = min(1, row[0] * color[0] + row[1] * color[1] + row[2] * color[2])
                    let wanted = sum.squareRoot() * 65_535
                    #expect(abs(Double(levels[(y * Self.width + x) * 4 + channel]) - wanted) <= 1.01)
                }
            }
        }
    }

    @Test func `are stretched as far as those of 8 bits, in finer steps`() throws {
        // Levels of 8 bits from 60 to 160, and 256 in between.
        let source = TestPNG(
            256, 40, bits: 16, color: 0,
            samples: (0..<40).flatMap { _ in (0..<256).map { 60 * 257 + $0 * 25_700 / 255 } })
        let result = try Decoded(Renderer().file(source.bytes(), ["normalize:0:100"]), keepsDepth: true)
        for x in 0..<256 {
            let wanted = Double(x * 25_700 / 255) * 255 / 100
            #expect(abs(Double(result.levels[(20 * 256 + x) * 4]) - min(wanted, 65_535)) <= 1)
        }
        #expect(Set(result.levels).count == 256)
    }

    /// Every operation but those that cannot: where there is one of these, all of the plan is done in 8 bits.
    @Test(arguments: Catalog.elements.filter { $0 is any Imaging.Operation.Type }.map { $0.specification.name })
    func `have 8 where an operation of the plan cannot do with more`(_ name: String) throws {
        let arguments = [
            "resize": ":20x", "crop": ":0:0:9x9", "extend": ":50x50", "rotate": ":90", "tint": ":ff0000",
            "watermark": ":mark",
        ]
        let isDeep = !["median", "watermark"].contains(name)
        let steps = ["flip", name + (arguments[name] ?? ""), "invert"]
        let mark = Self.png()
        let result = try Renderer().file(Self.png(), steps, with: ["mark": mark])
        #expect(try Renderer().probe(EncodedImage(result)).isDeep == isDeep)
        guard !isDeep else { return }
        // As of a source that has the nearest 8 bits.
        let rounded = TestPNG(
            Self.width, Self.height, bits: 8, color: 2,
            samples: (0..<Self.height).flatMap { y in
                (0..<Self.width).flatMap { x in Self.color(x, y).map { Int((Double($0) / 257).rounded()) } }
            })
        #expect(try result == Renderer().file(rounded.bytes(), steps, with: ["mark": mark]))
    }

    @Test(arguments: [ImageFormat.jpeg, .webp, .gif, .bmp])
    func `have 8 where the result's format has no more`(_ format: ImageFormat) throws {
        let result = try Renderer().file(Self.png(), ["sepia"], output: ["format": .string(format.rawValue)])
        let image = EncodedImage(result)
        let codec = try #require(image.withBytes { Codecs.detect($0.extracting(first: Codecs.headByteCount)) })
        #expect(codec.format == format)
        // A palette's indices may have fewer.
        #expect(try (1...8).contains(codec.facts(of: image).bitDepth ?? 0))
    }

    @Test func `are looked at in 8, and told the same facts`() throws {
        func facts(_ format: String) throws -> [Fact] {
            let plan = try Plan(json: [
                "operations": ["blurhash", "dominant_color"], "output": ["format": .string(format)],
            ])
            return try Renderer().render(
                EncodedImage(Self.png()), by: plan, into: MemoryByteSink(), checkpoint: { _ in }
            ).facts
        }
        #expect(try facts("png") == facts("jpeg"))
    }

    @Test func `are compressed with all their bits, or stay the file they were`() throws {
        let source = Self.png()
        let result = try Renderer().file(source, ["compress"])
        #expect(result.count < source.count)
        #expect(try Decoded(result, keepsDepth: true).levels == Decoded(source, keepsDepth: true).levels)
        #expect(try Renderer().file(result, ["compress"]) == result)
    }

    @Test func `keep their numbers with the profile that they are for`() throws {
        let source = Self.png(profile: TestProfile.wideGamut)
        for format in ["png", "tiff"] as [JSONValue] {
            let kept = try Renderer().file(source, [], output: ["metadata": "keep", "format": format])
            let image = EncodedImage(kept)
            let codec = try #require(image.withBytes { Codecs.detect($0.extracting(first: Codecs.headByteCount)) })
            #expect(try codec.metadata(of: image).profile != nil)
            var request = DecodeRequest()
            (request.keepsDepth, request.keepsProfile) = (true, true)
            let rows = try codec.decoder(for: image, request)
            var row = [UInt8](repeating: 0, count: rows.layout.rowByteCount)
            try rows.readRow(into: &row)
            let first = unsafe row.withUnsafeBytes { unsafe $0.loadUnaligned(as: SIMD4<UInt16>.self) }
            #expect((0..<3).map { Int(first[$0]) } == Self.color(0, 0))
        }
    }

    @Test func `count their bytes against the memory budget`() throws {
        let area = Self.width * Self.height
        func needed(_ source: [UInt8], _ steps: [String], _ format: String = "png") -> Int? {
            do {
                _ = try Renderer(budget: MemoryBudget(byteCount: 1)).file(
                    source, steps, output: ["format": .string(format)])
                return nil
            } catch LimitError.tooMuchMemory(let byteCount, _) {
                return byteCount
            } catch {
                return -1
            }
        }
        #expect(needed(Self.png(), ["rotate:90"]) == area * 8)
        #expect(needed(Self.png(), ["rotate:90"], "jpeg") == area * 4)
        #expect(needed(Self.png(), ["rotate:90", "median"]) == area * 4)
        #expect(needed(Self.png(isInterlaced: true), []) == area * 8)
        #expect(needed(Self.png(), ["blur:3", "sepia", "resize:9x"]) == nil)
    }
}
