import Codecs
import Imaging
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

    @Test func `it is scaled down to the least size, which it covers`() throws {
        var request = DecodeRequest()
        request.leastSize = Size(width: 30, height: 10)
        let opaque = try Picture(decoding: Picture.sample(100, 50, .opaque).encoded(.webp), request)
        #expect(opaque.layout.size == Size(width: 30, height: 15))
        let transparent = try Picture(decoding: Picture.sample(100, 50, .transparent).encoded(.webp), request)
        #expect(transparent.layout.size == Size(width: 100, height: 50))
    }
}
