import Codecs
import Imaging
import Rendering
import Testing

@Suite struct `The limits` {
    private static func limits(_ change: (inout Limits) -> Void) -> Renderer {
        var limits = Limits()
        change(&limits)
        return Renderer(limits: limits)
    }

    @Test func `refuse a source by its header`() throws {
        let renderer = Self.limits { ($0.maxPixels, $0.maxShrinkingPixels) = (399, 399) }
        let error = LimitError.sourceTooLarge(size: Size(width: 20, height: 20), limit: 399)
        let source = try SourceFile.photo(.png, 20, 20)
        #expect(throws: error) { try renderer.probe(EncodedImage(source)) }
        #expect(throws: error) { try renderer.file(source, ["resize:2x"]) }
        #expect("\(error)" == "the picture is 20×20 = 400 pixels; the limit is 399")
    }

    @Test func `refuse a header that declares a bomb, before anything is allocated`() throws {
        // A PNG's header says 60000 × 60000; the pixels are not even there.
        let header: [UInt8] = [
            0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52,
            0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60, 8, 6, 0, 0, 0, 0xB2, 0xF5, 0x4E, 0x7A,
        ]
        #expect(throws: (any Error).self) { try Renderer().file(header, []) }
    }

    @Test func `allow a larger JPEG where it shrinks while it loads`() throws {
        let renderer = Self.limits { ($0.maxPixels, $0.maxShrinkingPixels) = (10_000, 40_000) }
        let source = try SourceFile.photo(.jpeg, 200, 160)
        #expect(throws: Never.self) { try renderer.probe(EncodedImage(source)) }
        #expect(throws: Never.self) { try renderer.file(source, ["resize:40x"]) }
        let error = LimitError.sourceTooLarge(size: Size(width: 200, height: 160), limit: 10_000)
        #expect(throws: error) { try renderer.file(source, ["flip"]) }
        #expect(throws: error) { try renderer.file(source, ["resize:190x"]) }
        #expect(throws: error) { try renderer.file(SourceFile.photo(.png, 200, 160), ["resize:40x"]) }
    }

    @Test func `refuse a result that is too large`() throws {
        let source = try SourceFile.photo(.png, 20, 20)
        let renderer = Self.limits { ($0.maxOutputSide, $0.maxOutputPixels) = (100, 5000) }
        #expect(throws: LimitError.sideTooLong(size: Size(width: 101, height: 101), limit: 100)) {
            try renderer.file(source, ["resize:101x"])
        }
        #expect(throws: LimitError.resultTooLarge(size: Size(width: 90, height: 90), limit: 5000)) {
            try renderer.file(source, ["resize:90x"])
        }
        // On the way to a small one, too.
        #expect(throws: LimitError.self) { try renderer.file(source, ["resize:90x", "thumbnail:5"]) }
        #expect(throws: Never.self) { try renderer.file(source, ["resize:70x"]) }
    }

    @Test func `judge what is trimmed by what is left of it`() throws {
        let renderer = Self.limits { $0.maxOutputSide = 100 }
        let photo = try SourceFile.photo(.png, 20, 20)
        let bordered = try Renderer().file(photo, ["pad:0:60:0:60:background=ff00ff"])
        #expect(throws: Never.self) { try renderer.file(bordered, ["trim:0"]) }
        #expect(throws: LimitError.self) { try renderer.file(bordered, ["flip"]) }
        #expect(throws: LimitError.self) { try renderer.file(SourceFile.photo(.png, 120, 20), ["trim:0"]) }
    }

    @Test func `count whole pictures against the memory budget`() throws {
        let renderer = Renderer(budget: MemoryBudget(byteCount: 1599))
        let source = try SourceFile.photo(.png, 20, 20)
        #expect(throws: LimitError.tooMuchMemory(byteCount: 1600, limit: 1599)) {
            try renderer.file(source, ["rotate:90"])
        }
        #expect(throws: LimitError.tooMuchMemory(byteCount: 2400, limit: 1599)) {
            try renderer.file(source, [], output: ["format": "webp"])
        }
        #expect(throws: Never.self) { try renderer.file(source, ["blur:4", "flop", "sharpen"]) }
    }

    @Test func `turn a photo that lies on its side after it was made small`() throws {
        let source = SourceFile.oriented(try SourceFile.photo(.jpeg, 400, 300), .rotated90)
        // The small picture's bytes, not those of 400 × 300.
        let renderer = Renderer(budget: MemoryBudget(byteCount: 30 * 40 * 4))
        #expect(throws: Never.self) { try renderer.file(source, ["resize:30x"]) }
        #expect(throws: Never.self) { try renderer.file(source, ["blur:2", "resize:30x", "sharpen"]) }
        #expect(throws: LimitError.self) { try renderer.file(source, ["pixelate", "resize:30x"]) }
    }
}
