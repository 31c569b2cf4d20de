import Codecs
import Imaging
import TestPictures
import Testing

@Suite struct `An animation` {
    /// A canvas of 4 × 2: `.` transparent, `k` black, `r` red, `g` green, `w` white.
    private static func frame(
        _ rows: [String], x: Int = 0, y: Int = 0, delay: Int = 10, disposal: Int = 1
    ) -> TestGIF {
        // The picture's black is the transparent one where it is asked for, so a frame has one or the other.
        let letters = Array(rows.joined())
        let indices = letters.map { ["k": 0, ".": 0, "r": 1, "g": 2, "w": 3][$0]! }
        var gif = TestGIF(rows[0].count, rows.count, indices: indices)
        gif.transparentIndex = letters.contains(".") ? 0 : nil
        (gif.canvas, gif.left, gif.top) = ((4, 2), x, y)
        (gif.delay, gif.disposal) = (delay, disposal)
        return gif
    }

    private static func letters(_ pixels: [UInt8]) -> String {
        stride(from: 0, to: pixels.count, by: 4).map { i in
            switch Array(pixels[i..<i + 4]) {
            case [0, 0, 0, 255]: "k"
            case [255, 0, 0, 255]: "r"
            case [0, 255, 0, 255]: "g"
            case [255, 255, 255, 255]: "w"
            case let pixel: pixel[3] == 0 ? "." : "?"
            }
        }.joined()
    }

    private static func frames(
        _ file: [UInt8], as codec: any AnimatedCodec.Type
    ) throws -> (playCount: Int, [(pixels: [UInt8], milliseconds: Int)]) {
        let source = try codec.frames(of: EncodedImage(file), DecodeRequest())
        var frames: [(pixels: [UInt8], milliseconds: Int)] = []
        while let frame = try source.nextFrame() {
            frames.append((try Picture(reading: frame.rows).pixels, frame.milliseconds))
        }
        return (source.playCount, frames)
    }

    @Test func `of GIF draws frames over one another, and takes them away as they say`() throws {
        let file = TestGIF.animation([
            Self.frame(["rrrr", "rrrr"], delay: 5),
            // Is there for one frame, then what was below is back.
            Self.frame(["gg"], x: 1, y: 1, disposal: 3),
            // Lets the ground show, and leaves a hole.
            Self.frame(["w.w"], x: 0, y: 0, delay: 300, disposal: 2),
            // Reaches over the right and the lower edge.
            Self.frame(["kk", "kk"], x: 3, y: 1),
        ])
        let (playCount, frames) = try Self.frames(file, as: GIFCodec.self)
        #expect(playCount == 0)
        #expect(frames.map { Self.letters($0.pixels) } == ["rrrrrrrr", "rrrrrggr", "wrwrrrrr", "...rrrrk"])
        #expect(frames.map(\.milliseconds) == [50, 100, 3000, 100])
    }

    @Test(arguments: [(nil, 1), (0, 0), (1, 2), (7, 8)] as [(Int?, Int)])
    func `of GIF says how often it is shown`(_ repeats: Int?, _ playCount: Int) throws {
        let file = TestGIF.animation([Self.frame(["r"]), Self.frame(["g"])], repeats: repeats)
        #expect(try Self.frames(file, as: GIFCodec.self).playCount == playCount)
        let bytes = MemoryByteSink()
        let sink = try GIFCodec.frameEncoder(
            for: Size(width: 1, height: 1), playCount: playCount, EncodeRequest(OutputOptions()), into: bytes)
        try sink.writeFrame([255, 0, 0, 255], milliseconds: 10)
        try sink.writeFrame([0, 255, 0, 255], milliseconds: 10)
        try sink.finish()
        #expect(try Self.frames(bytes.bytes, as: GIFCodec.self).playCount == playCount)
    }

    @Test func `of GIF that is cut off within a frame is refused`() throws {
        let file = TestGIF.animation([Self.frame(["rrrr", "rrrr"]), Self.frame(["gggg", "gggg"])])
        #expect(throws: DecodeError.truncated) { try Self.frames(Array(file.dropLast(5)), as: GIFCodec.self) }
    }

    @Test func `of GIF with a frame larger than its canvas is refused, before there is memory for it`() throws {
        let second = Self.frame(["g"])
        // The descriptor of the second frame claims to be as large as it can.
        var file = TestGIF.animation([Self.frame(["rrrr", "rrrr"]), second])
        let size = try #require((0..<file.count - 4).last { Array(file[$0..<$0 + 4]) == [1, 0, 1, 0] })
        file.replaceSubrange(size..<size + 4, with: [255, 255, 255, 255])
        let reason = "a frame of 65535×65535 on a canvas of 4×2"
        #expect(throws: DecodeError.malformed(.gif, reason: reason)) { try Self.frames(file, as: GIFCodec.self) }
    }

    private static let story = [
        "rrrrrrrr", "rrgrrrrr", "rrgrrrrr", "wwww....", "...w...k", "...w...k", "........", "kkkkkkkk",
    ]

    private static func pixels(_ letters: String) -> [UInt8] {
        letters.flatMap { letter -> [UInt8] in
            switch letter {
            case "r": [255, 0, 0, 255]
            case "g": [0, 255, 0, 255]
            case "w": [255, 255, 255, 255]
            case "k": [0, 0, 0, 255]
            default: [0, 0, 0, 0]
            }
        }
    }

    /// Frames that change a little, not at all, and to transparent; those that are alike may become one.
    @Test(arguments: [GIFCodec.self, WebPCodec.self] as [any AnimatedCodec.Type])
    func `that was written shows what it was made of`(_ codec: any AnimatedCodec.Type) throws {
        let bytes = MemoryByteSink()
        let sink = try codec.frameEncoder(
            for: Size(width: 4, height: 2), playCount: 3, EncodeRequest(OutputOptions(quality: 100)), into: bytes)
        for letters in Self.story { try sink.writeFrame(Self.pixels(letters), milliseconds: 70) }
        try sink.finish()
        let (playCount, frames) = try Self.frames(bytes.bytes, as: codec)
        #expect(playCount == 3)
        #expect(frames.reduce(0) { $0 + $1.milliseconds } == 70 * Self.story.count)
        // What is to be seen in the middle of each step.
        for (step, letters) in Self.story.enumerated() {
            var time = 0
            let shown = try #require(
                frames.first { frame in
                    time += frame.milliseconds
                    return time > step * 70 + 35
                })
            // Lossy WebP mixes the colours of neighbours, but not what is transparent.
            if codec == WebPCodec.self {
                #expect(
                    Self.letters(shown.pixels).map { $0 == "." } == letters.map { $0 == "." }, "step \(step)")
            } else {
                #expect(Self.letters(shown.pixels) == letters, "step \(step)")
            }
        }
    }

    /// GIF counts in hundredths of a second, WebP in thousandths.
    @Test func `loses no time where its steps are rounded`() throws {
        let bytes = MemoryByteSink()
        let sink = try GIFCodec.frameEncoder(
            for: Size(width: 1, height: 1), playCount: 0, EncodeRequest(OutputOptions()), into: bytes)
        for level in 0..<60 { try sink.writeFrame([UInt8(level * 4), 0, 0, 255], milliseconds: 33) }
        try sink.finish()
        let (_, frames) = try Self.frames(bytes.bytes, as: GIFCodec.self)
        #expect(frames.count == 60 && frames.reduce(0) { $0 + $1.milliseconds } == 1980)
    }
}
