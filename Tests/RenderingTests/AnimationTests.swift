import Codecs
import Imaging
import Rendering
import Testing

@Suite struct `An animated picture` {
    private static let size = Size(width: 24, height: 16)

    /// Frames of one colour each, brighter from one to the next.
    private static func file(_ codec: any AnimatedCodec.Type, frames: Int, milliseconds: Int = 100) throws -> [UInt8] {
        let bytes = MemoryByteSink()
        let sink = try codec.frameEncoder(
            for: size, playCount: 2, EncodeRequest(OutputOptions(quality: 100)), into: bytes)
        for index in 0..<frames {
            let color = [level(index, of: frames), 60, 0, 255]
            try sink.writeFrame((0..<size.area).flatMap { _ in color }, milliseconds: milliseconds)
        }
        try sink.finish()
        return bytes.bytes
    }

    private static func level(_ index: Int, of count: Int) -> UInt8 { UInt8(40 + 200 * index / max(1, count - 1)) }

    private struct Shown {
        var playCount: Int
        var size: Size
        /// The first pixel of each frame.
        var pixels: [[UInt8]] = []
        var milliseconds: [Int] = []
    }

    private static func shown(_ file: [UInt8], _ codec: any AnimatedCodec.Type) throws -> Shown {
        let source = try codec.frames(of: EncodedImage(file), DecodeRequest())
        var shown = Shown(playCount: source.playCount, size: try codec.header(of: EncodedImage(file)).size)
        while let frame = try source.nextFrame() {
            var row = [UInt8](repeating: 0, count: frame.rows.layout.rowByteCount)
            try frame.rows.readRow(into: &row)
            shown.pixels.append(Array(row[..<4]))
            shown.milliseconds.append(frame.milliseconds)
        }
        return shown
    }

    private static let codecs: [any AnimatedCodec.Type] = [GIFCodec.self, WebPCodec.self]

    @Test(arguments: codecs, codecs)
    func `is developed frame by frame where the result can move`(
        _ from: any AnimatedCodec.Type, _ to: any AnimatedCodec.Type
    ) throws {
        let source = try Self.file(from, frames: 5)
        let result = try Renderer().file(
            source, ["resize:12x", "invert"], output: ["format": .string(to.format.rawValue), "quality": 100])
        let shown = try Self.shown(result, to)
        #expect(shown.size == Size(width: 12, height: 8) && shown.playCount == 2)
        #expect(shown.milliseconds == [100, 100, 100, 100, 100])
        for (index, pixel) in shown.pixels.enumerated() {
            let expected = [255 - Int(Self.level(index, of: 5)), 195, 255]
            for channel in 0..<3 { #expect(abs(Int(pixel[channel]) - expected[channel]) <= 6, "frame \(index)") }
        }
    }

    @Test func `may become gray, and get corners`() throws {
        let source = try Self.file(GIFCodec.self, frames: 3)
        let shown = try Self.shown(Renderer().file(source, ["grayscale", "round:radius=8"]), GIFCodec.self)
        #expect(shown.pixels.count == 3 && shown.pixels.allSatisfy { $0[3] == 0 })
    }

    @Test(arguments: [ImageFormat.png, .jpeg, .bmp, .tiff])
    func `is its first frame where the result cannot move`(_ format: ImageFormat) throws {
        let source = try Self.file(GIFCodec.self, frames: 3)
        let result = try Decoded(Renderer().file(source, [], output: ["format": .string(format.rawValue)]))
        #expect(result.layout.size == Self.size)
        #expect(abs(Int(result[3, 3][0]) - 40) <= 3)
    }

    @Test(arguments: codecs)
    func `is its first frame where that is asked for`(_ codec: any AnimatedCodec.Type) throws {
        let source = try Self.file(codec, frames: 3)
        let result = try Renderer().file(source, [], output: ["first_frame": true])
        #expect(try codec.facts(of: EncodedImage(result)).frameCount == 1)
    }

    /// The time that frames are left out for goes to those before them.
    @Test(arguments: [
        (2.0, [500, 500]), (5.0, [200, 200, 200, 200, 200]), (10.0, [Int](repeating: 100, count: 10)),
        (3.0, [400, 300, 300]), (0.1, [1000]),
    ])
    func `shows no more frames in a second than it may`(_ rate: Double, _ expected: [Int]) throws {
        let source = try Self.file(GIFCodec.self, frames: 10)
        let result = try Renderer().file(source, [], output: ["fps": .number(rate)])
        let shown = try Self.shown(result, GIFCodec.self)
        #expect(shown.milliseconds == expected)
        #expect(shown.pixels[0][0] == Self.level(0, of: 10))
    }

    @Test func `of too many frames, or too large ones, is refused, but for its first frame`() throws {
        let source = try Self.file(GIFCodec.self, frames: 7)
        var limits = Limits()
        limits.maxFrames = 6
        #expect(throws: LimitError.tooManyFrames(count: 7, limit: 6)) {
            try Renderer(limits: limits).file(source, ["flip"])
        }
        #expect(try !Renderer(limits: limits).file(source, ["flip"], output: ["first_frame": true]).isEmpty)
        #expect(try !Renderer(limits: limits).file(source, ["flip"], output: ["format": "png"]).isEmpty)
        limits = Limits()
        limits.maxAnimationPixels = 7 * 24 * 16 - 1
        #expect(throws: LimitError.animationTooLarge(size: Self.size, frameCount: 7, limit: 7 * 24 * 16 - 1)) {
            try Renderer(limits: limits).file(source, ["flip"])
        }
    }

    @Test func `may not become larger than it might have been`() throws {
        let source = try Self.file(GIFCodec.self, frames: 3)
        let size = Size(width: 10_000, height: 9_000)
        #expect(throws: LimitError.animationTooLarge(size: size, frameCount: 3, limit: 200_000_000)) {
            try Renderer().file(source, ["resize:10000x9000:fit=fill"])
        }
    }

    /// Browsers show a frame without a time for a tenth of a second.
    @Test func `without times is thinned out as browsers show it`() throws {
        let source = try Self.file(GIFCodec.self, frames: 10, milliseconds: 0)
        let result = try Renderer().file(source, [], output: ["fps": 5])
        #expect(try Self.shown(result, GIFCodec.self).milliseconds == [200, 200, 200, 200, 200])
    }

    @Test func `lets what a later frame uncovers be transparent`() throws {
        let bytes = MemoryByteSink()
        let sink = try WebPCodec.frameEncoder(
            for: Self.size, playCount: 0, EncodeRequest(OutputOptions(quality: 100)), into: bytes)
        try sink.writeFrame((0..<Self.size.area).flatMap { _ in [200, 60, 0, 255] as [UInt8] }, milliseconds: 100)
        try sink.writeFrame([UInt8](repeating: 0, count: Self.size.area * 4), milliseconds: 100)
        try sink.finish()
        let result = try Renderer().file(bytes.bytes, ["grayscale", "median"])
        #expect(try Self.shown(result, WebPCodec.self).pixels.map { $0[3] } == [255, 0])
    }

    @Test func `may be stopped within any frame`() throws {
        struct Stop: Error {}
        let source = try Self.file(WebPCodec.self, frames: 5)
        var most = 0.0
        #expect(throws: Stop.self) {
            _ = try Renderer().render(
                EncodedImage(source), by: Plan(json: ["operations": ["flip"]]), into: MemoryByteSink()
            ) { progress in
                most = max(most, progress ?? 0)
                if most > 0.5 { throw Stop() }
            }
        }
        #expect(most > 0.5 && most < 0.9)
    }
}
