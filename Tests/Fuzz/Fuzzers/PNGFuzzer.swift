import Imaging

@testable import Codecs

/// The chunks of a PNG, its stream of pixels and their filters. The checksums of chunks are made right first: nothing else
/// would be tried but whether wrong ones are refused.
enum PNGFuzzer: Fuzzer {
    static let name = "png"

    /// Four rows of RGB with a filter each, in two pieces; a palette of two colours, stored.
    static let seeds = [
        signature
            + hex("0000000d 49484452 00000002 00000004 08 02 00 00 00 2b8d796e")
            + hex("00000007 49444154 78da63e4129163 01b85d74")
            + hex("0000001b 49444154 646266626565e5e4e46406325958d958d83938191919010b4800a7 90973c2d")
            + hex("00000000 49454e44 ae426082"),
        signature
            + hex("0000000d 49484452 00000002 00000002 01 03 00 00 00 48789f67")
            + hex("00000006 504c5445 000000ffffff a5d99fdd 00000001 74524e53 09 393a60c2")
            + hex("0000000f 49444154 7801010400fbff0080004001c400c1 07db424e 00000000 49454e44 ae426082"),
    ]
    private static let signature = hex("89504e47 0d0a1a0a")

    static func feed(_ bytes: [UInt8]) {
        let image = EncodedImage(withChecksums(bytes))
        guard image.withBytes(PNGCodec.matches), let header = try? PNGCodec.header(of: image) else { return }
        // As the service does, but with less to spare, so that more files are tried in a second.
        guard header.storedSize.area <= 1 << 14 else { return }
        guard (try? PNGCodec.facts(of: image)) != nil else { fatalError("a header without facts") }
        _ = try? PNGCodec.metadata(of: image)
        _ = PNGCodec.withoutMetadata(image)
        for keepsDepth in [false, true] {
            var request = DecodeRequest()
            request.keepsDepth = keepsDepth
            guard let source = try? PNGCodec.decoder(for: image, request) else { continue }
            precondition(source.layout.size == header.storedSize)
            var row = [UInt8](repeating: 0, count: source.layout.rowByteCount)
            for _ in 0..<source.layout.size.height {
                do { try source.readRow(into: &row) } catch { break }
            }
        }
    }

    private static func withChecksums(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        var position = 8
        while position + 12 <= bytes.count {
            let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
            let end = position + 8 + length
            guard end + 4 <= bytes.count else { break }
            let checksum = checksum(bytes[position + 4..<end])
            for index in 0..<4 { bytes[end + index] = UInt8(truncatingIfNeeded: checksum >> (24 - 8 * UInt32(index))) }
            position = end + 4
        }
        return bytes
    }

    /// ISO/IEC 15948, annex D.
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ ($0 >> 8) }
    }

    private static let table: [UInt32] = (0..<256).map { number in
        (0..<8).reduce(UInt32(number)) { value, _ in value & 1 == 0 ? value >> 1 : 0xEDB8_8320 ^ (value >> 1) }
    }
}
