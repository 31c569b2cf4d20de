import Codecs
import Imaging
import Jobs
import Rendering
import Testing

@Suite struct `A second picture` {
    private static let red: [UInt8] = [220, 20, 40, 255]

    /// Of one colour.
    private static func plain(
        _ format: ImageFormat, _ width: Int, _ height: Int, _ color: [UInt8] = red
    ) throws -> [UInt8] {
        try SourceFile.make(format, width, height, isOpaque: color[3] == 255) { _, _ in color }
    }

    @Test func `comes from its file into the picture, resized by the same engine`() throws {
        let source = try SourceFile.photo(.png, 60, 40)
        let mark = try SourceFile.photo(.png, 48, 24)
        let result = try Decoded(
            Renderer().file(source, ["watermark:logo:top_left:scale=0.4"], with: ["logo": mark]))
        // 60 × 0.4 = 24.
        let small = try Decoded(Renderer().file(mark, ["resize:24x12:fit=fill"]))
        let plain = try Decoded(source)
        #expect(result.layout == plain.layout)
        for y in 0..<40 {
            for x in 0..<60 { #expect(result[x, y] == (x < 24 && y < 12 ? small[x, y] : plain[x, y])) }
        }
    }

    @Test func `is turned upright first, and may come from any format`() throws {
        // Red on its left half as it is stored, which is above once it is upright.
        let stored = try SourceFile.make(.jpeg, 16, 32, quality: 100) { x, _ in
            x < 8 ? [250, 0, 0, 255] : [0, 0, 250, 255]
        }
        let mark = SourceFile.oriented(stored, .rotated90)
        let source = try Self.plain(.webp, 64, 64, [255, 255, 255, 255])
        let result = try Decoded(
            Renderer().file(source, ["watermark:m:top_left"], output: ["format": "png"], with: ["m": mark]))
        #expect(result[28, 3][0] > 200 && result[3, 3][0] > 200, "red above")
        #expect(result[28, 12][2] > 200 && result[3, 12][2] > 200, "blue below")
        #expect(result[32, 3][1] > 240 && result[3, 16][1] > 240, "32 × 16, and no more")
    }

    @Test func `gives a gray JPEG colours, or none`() throws {
        let source = try SourceFile.make(.jpeg, 32, 32, .gray8) { x, _ in [UInt8(x * 7)] }
        let colored = try Renderer().file(
            source, ["watermark:m"], output: ["quality": 100], with: ["m": Self.plain(.png, 16, 16)])
        #expect(try !JPEGCodec.header(of: EncodedImage(colored)).isGray)
        let pixel = try Decoded(colored)[24, 24]
        #expect(pixel[0] > 200 && pixel[1] < 40 && pixel[2] < 60)
        let gray = try SourceFile.make(.png, 16, 16, .gray8) { _, _ in [90] }
        let stillGray = try Renderer().file(source, ["watermark:m"], with: ["m": gray])
        #expect(try JPEGCodec.header(of: EncodedImage(stillGray)).isGray)
        #expect(abs(Int(try Decoded(stillGray)[24, 24][0]) - 90) <= 2)
    }

    @Test func `keeps what is transparent, and what is opaque`() throws {
        let mark = try Self.plain(.png, 4, 4, [220, 20, 40, 128])
        let clear = try Self.plain(.png, 12, 12, [0, 0, 0, 0])
        let onClear = try Decoded(Renderer().file(clear, ["watermark:m"], with: ["m": mark]))
        #expect(onClear[11, 11] == [220, 20, 40, 128] && onClear[0, 0][3] == 0)
        let onWhite = try Decoded(
            Renderer().file(Self.plain(.png, 12, 12, [255, 255, 255, 255]), ["watermark:m"], with: ["m": mark]))
        #expect(onWhite.layout.isOpaque)
        // 255 - (255 - 220) × 128/255, and so on.
        #expect(onWhite[11, 11] == [237, 137, 147, 255])
    }

    @Test(arguments: [ImageFormat.gif, .webp]) func `lies on every frame of an animation`(_ format: ImageFormat) throws
    {
        let codec = try #require(try Codecs.codec(for: format) as? any AnimatedCodec.Type)
        let size = Size(width: 24, height: 16)
        let bytes = MemoryByteSink()
        let sink = try codec.frameEncoder(
            for: size, playCount: 0, EncodeRequest(OutputOptions(quality: 100)), into: bytes)
        for level: UInt8 in [40, 140, 240] {
            try sink.writeFrame((0..<size.area).flatMap { _ in [level, level, level, 255] }, milliseconds: 100)
        }
        try sink.finish()
        let result = try Renderer().file(
            bytes.bytes, ["watermark:m:top_left"], output: ["quality": 100],
            with: ["m": Self.plain(.png, 8, 8, [0, 0, 200, 255])])
        let frames = try codec.frames(of: EncodedImage(result), DecodeRequest())
        var levels: [Int] = []
        while let frame = try frames.nextFrame() {
            var row = [UInt8](repeating: 0, count: frame.rows.layout.rowByteCount)
            try frame.rows.readRow(into: &row)
            #expect(row[2 * 4 + 2] > 170 && row[2 * 4] < 40, "the mark is blue")
            levels.append(Int(row[20 * 4]))
        }
        #expect(levels.count == 3)
        for (level, expected) in zip(levels, [40, 140, 240]) { #expect(abs(level - expected) <= 6) }
    }

    @Test func `may be the picture itself`() throws {
        let source = try SourceFile.photo(.png, 30, 20)
        #expect(
            try Decoded(Renderer().file(source, ["watermark:me"], with: ["me": source])).bytes == Decoded(source).bytes)
        let half = try Decoded(Renderer().file(source, ["watermark:me:top_left:scale=0.5"], with: ["me": source]))
        #expect(half[29, 19] == (try Decoded(source)[29, 19]))
    }

    @Test func `that is nearly nothing is still a pixel`() throws {
        let source = try Self.plain(.png, 20, 20, [0, 0, 0, 255])
        let result = try Decoded(
            Renderer().file(source, ["watermark:m:scale=0.01"], with: ["m": Self.plain(.png, 50, 50)]))
        #expect(result[19, 19] == Self.red && result[18, 19] == [0, 0, 0, 255] && result[19, 18] == [0, 0, 0, 255])
    }

    @Test func `is seen by what follows, and goes by the size that the steps before leave`() throws {
        let source = try Self.plain(.png, 40, 40, [10, 10, 10, 255])
        // Black with a border of white: 20 × 20 after the trim, and the mark covers all of it.
        let plan = try PlanRequest([
            "transformations": "resize:20x,extend:40x40:background=ffffff,trim,watermark:m:scale=1,dominant_color"
        ]).plan()
        let output = try Renderer().render(
            EncodedImage(source), by: plan, with: ["m": EncodedImage(Self.plain(.png, 5, 5))], into: MemoryByteSink()
        ) { _ in }
        #expect(output.size == Size(width: 20, height: 20))
        #expect(output.facts == [Fact(name: "dominant_color", value: "#dc1428")])
    }

    @Test func `is turned with the picture's later steps, and not by its orientation`() throws {
        let photo = SourceFile.oriented(try SourceFile.photo(.jpeg, 48, 32), .rotated90)
        let result = try Decoded(
            Renderer().file(
                photo, ["watermark:m:top_left"], output: ["format": "png"], with: ["m": Self.plain(.png, 8, 4)]))
        #expect(result.layout.size == Size(width: 32, height: 48))
        #expect(result[7, 3] == Self.red && result[8, 3] != Self.red && result[7, 4] != Self.red)
    }

    @Test func `that is no picture, or is cut off, is named`() throws {
        let source = try SourceFile.photo(.png, 30, 20)
        let whole = try SourceFile.photo(.png, 30, 20)
        for broken in [Array("no picture".utf8), Array(whole.prefix(40)), Array(whole.prefix(whole.count / 2))] {
            let error = try #require(throws: PictureError.self) {
                try PictureError.translating { try Renderer().file(source, ["watermark:logo"], with: ["logo": broken]) }
            }
            guard case .undecodable(let reason) = error else {
                Issue.record("\(error)")
                continue
            }
            #expect(reason.hasPrefix("the plan's file logo will not do: "))
        }
    }

    @Test func `that is not there ends the work`() throws {
        let source = try SourceFile.photo(.png, 30, 20)
        #expect(throws: PlanError.self) { try Renderer().file(source, ["watermark:logo"]) }
        #expect(throws: PlanError.self) { try Renderer().file(source, ["watermark:logo"], with: ["other": source]) }
    }

    @Test func `is under the limits of sources`() throws {
        var limits = Limits()
        (limits.maxPixels, limits.maxShrinkingPixels) = (400, 400)
        let renderer = Renderer(limits: limits)
        let source = try Self.plain(.png, 20, 20)
        #expect(throws: Never.self) {
            try renderer.file(source, ["watermark:m:scale=0.5"], with: ["m": Self.plain(.png, 20, 20)])
        }
        let error = #expect(throws: PictureError.self) {
            try PictureError.translating {
                try renderer.file(source, ["watermark:m:scale=0.5"], with: ["m": Self.plain(.png, 21, 20)])
            }
        }
        #expect(
            error
                == .tooManyPixels(
                    reason: "the plan's file m will not do: the picture is 21×20 = 420 pixels; the limit is 400"))
    }

    @Test func `may be a larger JPEG where it shrinks while it loads, and is else refused before anything is decoded`()
        throws
    {
        var limits = Limits()
        (limits.maxPixels, limits.maxShrinkingPixels) = (10_000, 40_000)
        let source = try Self.plain(.png, 90, 90)
        let mark = try SourceFile.photo(.jpeg, 200, 160)
        func render(_ scale: Double, checkpoint: (Double?) throws -> Void = { _ in }) throws {
            _ = try Renderer(limits: limits).file(
                source, ["watermark:m:scale=\(scale)"], with: ["m": mark], checkpoint: checkpoint)
        }
        #expect(throws: Never.self) { try render(0.2) }
        #expect(throws: (any Error).self) { try render(1) { _ in Issue.record("something was read") } }
    }

    @Test func `counts against the memory budget as long as it is held`() throws {
        let source = try Self.plain(.png, 20, 20)
        let mark = try Self.plain(.png, 10, 10)
        // Four bytes for each of its 100 pixels, and six for each of the WebP that the result becomes.
        for (format, byteCount) in [("png", 400), ("webp", 2800)] {
            func render(within budget: Int) throws {
                _ = try Renderer(budget: MemoryBudget(byteCount: budget)).file(
                    source, ["watermark:m"], output: ["format": .string(format)], with: ["m": mark])
            }
            #expect(throws: Never.self) { try render(within: byteCount) }
            #expect(throws: LimitError.tooMuchMemory(byteCount: byteCount, limit: byteCount - 1)) {
                try render(within: byteCount - 1)
            }
        }
        // One that its decoder holds as a whole counts by its own size, too.
        let webp = try Self.plain(.webp, 20, 20, [1, 2, 3, 100])
        let held = try WebPCodec.header(of: EncodedImage(webp)).heldByteCount
        #expect(throws: LimitError.tooMuchMemory(byteCount: held + 16, limit: held + 15)) {
            try Renderer(budget: MemoryBudget(byteCount: held + 15)).file(
                source, ["watermark:m:scale=0.1"], with: ["m": webp])
        }
    }

    @Test func `may be stopped while it is read`() throws {
        struct Stop: Error {}
        let source = try Self.plain(.png, 8, 8)
        let mark = try SourceFile.photo(.png, 40, 2000)
        var calls = 0
        _ = try Renderer().file(source, ["watermark:m"], with: ["m": mark]) { _ in calls += 1 }
        #expect(calls > 2000 / 16)
        #expect(throws: Stop.self) {
            try Renderer().file(source, ["watermark:m"], with: ["m": mark]) { _ in
                calls -= 1
                if calls == 10 { throw Stop() }
            }
        }
    }
}
