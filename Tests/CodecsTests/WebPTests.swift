import Codecs
import Imaging
import TestPictures
import Testing

@Suite struct `WebP` {
    @Test func `a lossless file is read exactly`() throws {
        expectQuarters(try Picture(decoding: Fixtures.losslessWebP), within: 0)
    }

    @Test func `the first frame of an animation is read`() throws {
        expectQuarters(try Picture(decoding: Fixtures.animatedWebP), within: 0)
    }

    @Test func `alpha is kept`() throws {
        let picture = Picture.sample(40, 40, .transparent)
        let bytes = try picture.encoded(.webp)
        let result = try Picture(decoding: bytes)
        #expect(stride(from: 3, to: result.pixels.count, by: 4).allSatisfy { result.pixels[$0] == picture.pixels[$0] })
        #expect(try header(of: bytes).hasAlpha)
        #expect(try !header(of: Picture.sample(40, 40, .opaque).encoded(.webp)).hasAlpha)
    }

    /// Four bytes are ours. libwebp holds as many of a lossless picture, and of alpha beside a lossy one up to five.
    @Test func `it says what decoding it takes`() throws {
        let area = 40 * 40
        let pixels = Picture.sample(40, 40, .transparent).pixels
        #expect(try header(of: TestWebP.lossless(40, 40, pixels)).heldByteCount == area * 8)
        #expect(try header(of: TestWebP.lossy(40, 40, pixels)).heldByteCount == area * 9)
        let opaque = Picture.sample(40, 40, .opaque).pixels
        #expect(try header(of: TestWebP.lossless(40, 40, opaque)).heldByteCount == area * 8)
        #expect(try header(of: TestWebP.lossy(40, 40, opaque)).heldByteCount == area * 4)
        #expect(try header(of: Fixtures.animatedWebP).heldByteCount == 32 * 32 * 8)
    }

    @Test func `it is decoded until a checkpoint says no`() throws {
        struct Stop: Error {}
        var state: UInt32 = 1
        let pixels = (0..<300 * 300 * 4).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
        let bytes = TestWebP.lossless(300, 300, pixels)
        var request = DecodeRequest()
        var calls = 0
        request.checkpoint = { calls += 1 }
        let size = Size(width: 300, height: 300)
        #expect(try Picture(decoding: bytes, request).pixels == OtherReader.pixels(of: bytes, .webp, size))
        #expect(calls > 10)
        calls = 0
        request.checkpoint = {
            calls += 1
            if calls == 5 { throw Stop() }
        }
        #expect(throws: Stop.self) { try Picture(decoding: bytes, request) }
        #expect(calls == 5)
    }

    @Test func `it is encoded until a checkpoint says no`() throws {
        struct Stop: Error {}
        let picture = Picture.sample(300, 300, .opaque)
        var calls = 0
        func encode(_ checkpoint: @escaping () throws -> Void) throws -> [UInt8] {
            var request = EncodeRequest(OutputOptions(format: .webp))
            request.checkpoint = checkpoint
            let bytes = MemoryByteSink()
            let encoder = try WebPCodec.encoder(for: picture.layout, request, into: bytes)
            for y in 0..<300 { try encoder.writeRow(picture.pixels.span.extracting(y * 1200..<(y + 1) * 1200)) }
            #expect(calls == 0)
            try encoder.finish()
            return bytes.bytes
        }
        #expect(try encode { calls += 1 } == picture.encoded(.webp))
        #expect(calls > 20)
        calls = 0
        #expect(throws: Stop.self) {
            try encode {
                calls += 1
                if calls == 10 { throw Stop() }
            }
        }
        #expect(calls == 10)
    }

    @Test func `it is scaled down to the least size, which it covers`() throws {
        var request = DecodeRequest()
        request.leastSize = Size(width: 30, height: 10)
        let opaque = try Picture(decoding: Picture.sample(100, 50, .opaque).encoded(.webp), request)
        #expect(opaque.layout.size == Size(width: 30, height: 15))
        let transparent = try Picture(decoding: Picture.sample(100, 50, .transparent).encoded(.webp), request)
        #expect(transparent.layout.size == Size(width: 100, height: 50))
    }
}
