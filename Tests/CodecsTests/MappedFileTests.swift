import FoundationEssentials
import Imaging
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@testable import Codecs

@Suite struct `A JPEG of megabytes, mapped from its file` {
    /// Noise, of which hardly a bit can be saved, behind markers that nobody reads.
    private static let bytes: [UInt8] = {
        var state: UInt32 = 1
        let noise = Picture(1500, 1000, .gray8, isOpaque: true) { _, _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return [UInt8(state >> 24)]
        }
        let file = (try? noise.encoded(.jpeg) { $0.quality = 95 }) ?? []
        let marker = [0xFF, 0xE5, 0xFF, 0xFF] + [UInt8](repeating: 7, count: 0xFFFD)
        return Array(file.prefix(2) + (0..<20).flatMap { _ in marker } + file.dropFirst(2))
    }()

    @Test func `is read like one that is held`() throws {
        try Self.withFile(Self.bytes) { image in
            let mapped = try Picture(reading: JPEGCodec.decoder(for: image, DecodeRequest()))
            #expect(try mapped == Picture(decoding: Self.bytes))
        }
    }

    @Test(arguments: [0.3, 0.6, 0.9]) func `is refused where it is cut`(_ part: Double) throws {
        let count = Int(Double(Self.bytes.count) * part)
        try Self.withFile(Array(Self.bytes.prefix(count))) { image in
            #expect(throws: DecodeError.truncated) {
                try Picture(reading: JPEGCodec.decoder(for: image, DecodeRequest()))
            }
        }
    }

    #if os(Linux)
        @Test func `leaves memory as it is decoded`() throws {
            #expect(Self.bytes.count > 2 << 20)
            try Self.withFile(Self.bytes) { image in
                _ = try Picture(reading: JPEGCodec.decoder(for: image, DecodeRequest()))
                #expect(try Self.residentByteCount(of: image) < 1 << 20)
            }
        }

        /// Pages that are present for this process have bit 63 in its page map (pagemap in the kernel's documentation).
        private static func residentByteCount(of image: EncodedImage) throws -> Int {
            let page = 4096
            let first = unsafe Int(bitPattern: image.pointer.baseAddress) / page
            var entries = [UInt64](repeating: 0, count: image.byteCount / page)
            let map = unsafe open("/proc/self/pagemap", O_RDONLY)
            defer { close(map) }
            let length = entries.count * 8
            try #require(unsafe pread(map, &entries, length, off_t(first * 8)) == length)
            return entries.count { $0 >> 63 == 1 } * page
        }
    #endif

    private static func withFile(_ bytes: [UInt8], _ body: (EncodedImage) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.path + "/\(UUID()).jpg"
        try Data(bytes).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(EncodedImage(path: path))
    }
}
