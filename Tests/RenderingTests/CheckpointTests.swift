import Imaging
import Rendering
import TestPictures
import Testing

@Suite struct `A checkpoint` {
    private struct Stop: Error {}

    /// Of 8 × 100 blocks, and ten scans, of which each goes through all of them.
    private static let manyScans: [UInt8] = {
        let samples = (0..<64 * 800 * 3).map { index in UInt8(truncatingIfNeeded: index * 7 + index / 191) }
        var file = TestJPEG(64, 800, .rgb, samples: samples)
        file.isProgressive = true
        return file.bytes
    }()

    /// From luma and chroma to the same, and by way of colours.
    @Test(arguments: [["resize:32x"], ["sepia"]])
    func `is asked while a JPEG's scans are read, and may end that`(_ steps: [String]) throws {
        var calls = 0
        _ = try Renderer().file(Self.manyScans, steps) { _ in calls += 1 }
        #expect(calls > 10 * 100)
        calls = 0
        #expect(throws: Stop.self) {
            try Renderer().file(Self.manyScans, steps) { progress in
                #expect(progress == 0)
                calls += 1
                if calls == 150 { throw Stop() }
            }
        }
        #expect(calls == 150)
    }

    @Test func `is asked while a WebP is encoded, and may end that`() throws {
        let source = try SourceFile.photo(.png, 200, 200)
        let output: [String: JSONValue] = ["format": "webp"]
        var calls = 0
        // All rows are there.
        _ = try Renderer().file(source, ["flip"], output: output) { progress in if progress == 1 { calls += 1 } }
        #expect(calls > 20)
        #expect(throws: Stop.self) {
            try Renderer().file(source, ["flip"], output: output) { progress in
                if progress == 1 { calls -= 1 }
                if calls == 10 { throw Stop() }
            }
        }
        #expect(calls == 10)
    }
}
