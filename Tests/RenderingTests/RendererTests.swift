import Codecs
import Imaging
import Rendering
import TestPictures
import Testing

@Suite struct `The renderer` {
    @Test(arguments: ImageFormat.allCases, ImageFormat.allCases)
    func `develops every format to every format`(_ from: ImageFormat, _ to: ImageFormat) throws {
        let source = try SourceFile.photo(from, 61, 40)
        let plan = try Plan(json: ["operations": ["resize:30x"], "output": ["format": .string(to.rawValue)]])
        let bytes = MemoryByteSink()
        let output = try Renderer().render(EncodedImage(source), by: plan, into: bytes) { _ in }
        #expect(output.format == to)
        #expect(output.size == Size(width: 30, height: 20))
        let header = try Renderer().probe(EncodedImage(bytes.bytes))
        #expect(header.format == to)
        #expect(header.size == output.size)
    }

    @Test(arguments: ImageFormat.allCases)
    func `keeps the source's format unless told otherwise`(_ format: ImageFormat) throws {
        let result = try Renderer().file(SourceFile.photo(format, 20, 20), ["flip"])
        #expect(try Renderer().probe(EncodedImage(result)).format == format)
    }

    @Test(arguments: Orientation.allCases)
    func `turns the picture upright before anything else`(_ orientation: Orientation) throws {
        // One bright corner at the upper left, as stored.
        let stored = try SourceFile.make(.jpeg, 64, 48) { x, y in
            x < 16 && y < 16 ? [250, 250, 250, 255] : [10, 10, 10, 255]
        }
        let source = SourceFile.oriented(stored, orientation)
        let upright = orientation.exchangesSides ? Size(width: 48, height: 64) : Size(width: 64, height: 48)
        #expect(try Renderer().probe(EncodedImage(source)).size == upright)

        // EXIF 2.32, tag 274: where row 0 and column 0 are in the scene.
        let isAtRight = [.mirrored, .rotated180, .rotated90, .transversed].contains(orientation)
        let isAtBottom = [.rotated180, .flipped, .transversed, .rotated270].contains(orientation)
        for steps in [[], ["resize:\(upright.width / 2)x"], ["crop:0:0:\(upright.width)x\(upright.height)"]] {
            let result = try Decoded(Renderer().file(source, steps, output: ["format": "png"]))
            let (width, height) = (result.layout.size.width, result.layout.size.height)
            #expect(width * upright.height == height * upright.width)
            #expect(result[isAtRight ? width - 3 : 2, isAtBottom ? height - 3 : 2][0] > 200)
            #expect(result[isAtRight ? 2 : width - 3, isAtBottom ? 2 : height - 3][0] < 60)
        }
    }

    @Test(arguments: ["resize:113x", "resize:100x100", "thumbnail:90", "resize:240x240:fit=fill"])
    func `shrinks on load without showing it`(_ step: String) throws {
        let source = try SourceFile.photo(.jpeg, 805, 603)
        let shrunk = try Decoded(Renderer().file(source, [step], output: ["format": "png"]))
        // The same pixels in a format that cannot shrink on load.
        let full = try Renderer().file(source, [], output: ["format": "png"])
        let exact = try Decoded(Renderer().file(full, [step]))
        #expect(shrunk.layout == exact.layout)
        #expect(shrunk.quality(against: exact) > 40)
    }

    /// From JPEG to JPEG luma and chroma are filtered apart; by way of PNG the same picture goes through RGB.
    @Test(
        arguments: [
            "resize:113x", "resize:100x100", "thumbnail:91", "resize:241x239:fit=fill", "resize:300x17:fit=fill",
            "resize:17x200:fit=fill", "resize:600x", "resize:203x151", "resize:40x1:fit=fill", "blur:0.7", "blur:1.5",
            "blur:4", "blur:20",
        ],
        [75, 85, 95])
    func `filters luma and chroma apart as it does RGB`(_ step: String, _ quality: Int) throws {
        // 4:4:4, so that the source's chroma is what both ways begin with.
        let source = try SourceFile.photo(.jpeg, 203, 151)
        let output: [String: JSONValue] = ["format": "jpeg", "quality": .number(Double(quality))]
        let apart = try Decoded(Renderer().file(source, [step], output: output))
        let full = try Renderer().file(source, [], output: ["format": "png"])
        let through = try Decoded(Renderer().file(full, [step], output: output))
        #expect(apart.layout == through.layout)
        // Both are quantized, and halve chroma by different filters.
        #expect(apart.quality(against: through) > 30)
        for channel in 0..<3 { #expect(abs(apart.mean(channel) - through.mean(channel)) < 1) }
    }

    @Test(
        arguments: [(100, 74), (101, 75), (60, 45), (405, 301), (203, 151)], [(85, 85), (85, 95), (95, 85), (95, 95)])
    func `leaves chroma where it was`(_ size: (Int, Int), _ qualities: (source: Int, result: Int)) throws {
        // Colours that rise and fall evenly from left to right and from top to bottom.
        func slope(_ x: Double, _ y: Double) -> [Double] { [20 + x, 120 - x / 2 + y / 2, 220 - y] }
        let (width, height) = size
        let source = try SourceFile.make(.jpeg, 203, 151, quality: qualities.source) { x, y in
            slope(Double(x), Double(y)).map { UInt8($0.rounded()) } + [255]
        }
        let result = try Decoded(
            Renderer().file(
                source, ["resize:\(width)x\(height):fit=fill"],
                output: ["format": "jpeg", "quality": .number(Double(qualities.result))]))
        let (across, down) = (203 / Double(width), 151 / Double(height))
        var sums = [0.0, 0.0, 0.0], count = 0.0
        for y in 8..<height - 8 {
            for x in 8..<width - 8 {
                let exact = slope((Double(x) + 0.5) * across - 0.5, (Double(y) + 0.5) * down - 0.5)
                for channel in 0..<3 { sums[channel] += Double(result[x, y][channel]) - exact[channel] }
                count += 1
            }
        }
        // Half a sample's shift of halved chroma, the least that a mistake could make, is 0.7 in red at full size.
        for sum in sums { #expect(abs(sum / count) < 0.35) }
    }

    @Test func `gives one size for one plan, however the source was loaded`() throws {
        let renderer = Renderer()
        for (width, height) in [(801, 599), (1023, 97), (64, 999)] {
            let jpeg = try SourceFile.photo(.jpeg, width, height)
            let png = try SourceFile.photo(.png, width, height)
            for step in ["resize:70x", "resize:x70", "resize:31x47", "thumbnail:64"] {
                #expect(
                    try renderer.probe(EncodedImage(renderer.file(jpeg, [step]))).size
                        == renderer.probe(EncodedImage(renderer.file(png, [step]))).size)
            }
        }
    }

    @Test func `makes gray of a JPEG's luma alone`() throws {
        let source = try SourceFile.photo(.jpeg, 120, 90)
        let gray = try Decoded(Renderer().file(source, ["grayscale"], output: ["format": "png"]))
        let full = try Renderer().file(source, [], output: ["format": "png"])
        let exact = try Decoded(Renderer().file(full, ["grayscale"]))
        // The decoder's luma has not been through RGB and its rounding.
        #expect(gray.quality(against: exact) > 40)
    }

    @Test(arguments: [ImageFormat.jpeg, .bmp])
    func `shows the background where the format has no alpha`(_ format: ImageFormat) throws {
        let source = try SourceFile.make(.png, 32, 32, isOpaque: false) { x, _ in [0, 0, 0, x < 16 ? 255 : 0] }
        let result = try Decoded(
            Renderer().file(source, [], output: ["format": .string(format.rawValue), "background": "#ff0000"]))
        #expect(result[4, 16][0] < 20)
        #expect(result[28, 16][0] > 235 && result[28, 16][1] < 20)
        let padded = try Decoded(
            Renderer().file(source, ["resize:64x32:fit=contain"], output: ["format": .string(format.rawValue)]))
        #expect(padded[2, 16].prefix(3).allSatisfy { $0 > 245 })
    }

    // MARK: - Compressing

    @Test(arguments: ImageFormat.allCases)
    func `never compresses to a larger file`(_ format: ImageFormat) throws {
        for quality in [5, 95] {
            let source = try SourceFile.photo(format, 60, 45, quality: quality)
            let result = try Renderer().file(source, ["compress:90"])
            #expect(result.count <= source.count)
        }
    }

    @Test func `answers with the source where compressing would not make it smaller`() throws {
        let source = try SourceFile.photo(.jpeg, 60, 45, quality: 10)
        #expect(try Renderer().file(source, ["compress:95"]) == source)
        #expect(try Renderer().file(source, ["compress:1"]) != source)
        #expect(try Renderer().file(source, ["compress:95", "flip"]) != source)
        #expect(try Renderer().file(source, ["compress:95", "convert:png"]) != source)
    }

    @Test func `writes a picture that lies on its side anew all the same`() throws {
        let source = SourceFile.oriented(try SourceFile.photo(.jpeg, 60, 45, quality: 10), .rotated90)
        let result = try Renderer().probe(EncodedImage(Renderer().file(source, ["compress:95"])))
        #expect(result.storedSize == Size(width: 45, height: 60))
        #expect(result.orientation == .upright)
    }

    // MARK: - Checkpoints

    private struct Stop: Error {}

    @Test func `asks at the checkpoint as it goes, up to the end`() throws {
        var parts: [Double] = []
        _ = try Renderer().file(SourceFile.photo(.png, 20, 200), ["invert"]) { parts.append($0 ?? -1) }
        #expect(parts == parts.sorted())
        #expect(parts.count >= 200 / 16)
        #expect(parts.last == 1)
    }

    @Test(arguments: [[], ["rotate:90"], ["blur:250"], ["resize:10x1"]])
    func `ends when the checkpoint says so, before a row is done too`(_ steps: [String]) throws {
        var calls = 0
        #expect(throws: Stop.self) {
            try Renderer().file(SourceFile.photo(.png, 20, 200), steps) { _ in
                calls += 1
                if calls == 5 { throw Stop() }
            }
        }
        #expect(calls == 5)
    }

    // MARK: - Bad input

    @Test(arguments: [[], [0], Array("not a picture".utf8)] as [[UInt8]])
    func `refuses what is no picture`(_ bytes: [UInt8]) {
        #expect(throws: DecodeError.self) { try Renderer().probe(EncodedImage(bytes)) }
        #expect(throws: DecodeError.self) { try Renderer().file(bytes, []) }
    }

    @Test(arguments: [ImageFormat.jpeg, .png, .webp, .gif, .tiff, .bmp])
    func `refuses a picture that is cut off`(_ format: ImageFormat) throws {
        let source = try SourceFile.photo(format, 200, 200)
        #expect(throws: DecodeError.self) {
            try Renderer().file(Array(source.prefix(source.count / 2)), ["resize:50x"])
        }
    }

    @Test func `refuses to compress a picture that is cut off, however large its beginning comes out`() throws {
        // Noise of one bit a pixel, which is written with eight.
        var state: UInt32 = 1
        let noise = (0..<490_000).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Int(state >> 31)
        }
        let source = TestPNG(700, 700, bits: 1, color: 0, samples: noise).bytes()
        #expect(try Renderer().file(source, ["compress"]) == source)
        #expect(throws: DecodeError.self) {
            try Renderer().file(Array(source.dropLast(source.count / 4)), ["compress"])
        }
    }

    @Test func `refuses a crop beside the picture`() throws {
        let source = try SourceFile.photo(.png, 20, 20)
        #expect(throws: PlanError.self) { try Renderer().file(source, ["crop:30:0:5x5"]) }
    }
}
