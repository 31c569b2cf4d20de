import Imaging

/// A whole picture in memory: what a pipeline's rows are compared with, and where they come from.
struct Picture: Equatable {
    var layout: RowLayout
    var bytes: [UInt8]

    var size: Size { layout.size }
    var channels: Int { layout.format.channels == .gray ? 1 : 4 }
    /// What full light is.
    var most: Double { layout.format.isDeep ? 65_535 : 255 }

    /// All samples, `channels` a pixel.
    var levels: [Int] {
        guard layout.format.isDeep else { return bytes.map { Int($0) } }
        return unsafe bytes.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: 2).map {
                unsafe Int(bytes.loadUnaligned(fromByteOffset: $0, as: UInt16.self))
            }
        }
    }

    init(
        _ width: Int, _ height: Int, _ format: PixelFormat = .rgba8, isOpaque: Bool = true,
        pixel: (_ x: Int, _ y: Int) -> [UInt8]
    ) {
        layout = RowLayout(size: Size(width: width, height: height), format: format, isOpaque: isOpaque)
        bytes = []
        for y in 0..<height { for x in 0..<width { bytes += pixel(x, y).prefix(format.bytesPerPixel) } }
    }

    /// Reads every row of a source.
    init(reading source: any RowSource) throws {
        layout = source.layout
        bytes = []
        var row = [UInt8](repeating: 0, count: layout.rowByteCount)
        for _ in 0..<layout.size.height {
            try source.readRow(into: &row)
            bytes += row
        }
    }

    subscript(x: Int, y: Int) -> [UInt8] {
        let count = layout.format.bytesPerPixel
        let start = (y * size.width + x) * count
        return Array(bytes[start..<start + count])
    }

    /// The samples of a pixel.
    func levels(_ x: Int, _ y: Int) -> [Int] {
        let pixel = self[x, y]
        guard layout.format.isDeep else { return pixel.map { Int($0) } }
        return stride(from: 0, to: pixel.count, by: 2).map { Int(UInt16(native: pixel[$0], pixel[$0 + 1])) }
    }

    /// The picture after the steps, such as `resize:800x600`.
    func after(_ steps: String...) throws -> Picture {
        var source: any RowSource = PictureRows(self)
        for text in steps {
            guard let operation = try Plan.Step(text: text).element as? any Operation else { continue }
            source = try operation.stage(reading: source, of: source.layout.size)
        }
        return try Picture(reading: source)
    }

    /// The largest difference of any sample; `nil` where the sizes or formats differ.
    func difference(from other: Picture) -> Int? {
        guard size == other.size, layout.format == other.layout.format else { return nil }
        return zip(levels, other.levels).map { abs($0 - $1) }.max() ?? 0
    }
}

extension Picture {
    /// The same noise every time.
    static func noise(
        _ width: Int, _ height: Int, _ format: PixelFormat = .rgba8, isOpaque: Bool = true, seed: UInt64 = 1
    ) -> Picture {
        var numbers = Numbers(state: seed)
        return Picture(width, height, format, isOpaque: isOpaque) { _, _ in
            format.bytes(
                (0..<4).map { channel in
                    let value = UInt16(truncatingIfNeeded: numbers.next() >> 32)
                    return channel == 3 && isOpaque ? .max : value
                })
        }
    }

    /// Smooth colours with an edge and fine lines, as photos have them.
    static func scene(_ width: Int, _ height: Int, _ format: PixelFormat = .rgba8) -> Picture {
        Picture(width, height, format) { x, y in
            let stripe = x > width / 2 && (x + y).isMultiple(of: 3)
            return [
                UInt8(x * 255 / max(width - 1, 1)), UInt8(y * 255 / max(height - 1, 1)), stripe ? 230 : 30, 255,
            ]
        }
    }
}

extension PixelFormat {
    static let all: [PixelFormat] = [.gray8, .rgba8, .gray16, .rgba16]

    /// The bytes of samples; where these have 8 bits, the lower ones.
    func bytes(_ levels: [UInt16]) -> [UInt8] {
        isDeep ? levels.flatMap(\.nativeBytes) : levels.map { UInt8(truncatingIfNeeded: $0) }
    }
}

extension UInt16 {
    /// As they lie in memory.
    var nativeBytes: [UInt8] {
        let (low, high) = (UInt8(truncatingIfNeeded: littleEndian), UInt8(truncatingIfNeeded: littleEndian >> 8))
        return [low, high]
    }

    init(native first: UInt8, _ second: UInt8) { self = UInt16(littleEndian: UInt16(first) | UInt16(second) << 8) }
}

/// The generator of Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (SplitMix64).
struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A picture's rows, from the top.
final class PictureRows: RowSource {
    let layout: RowLayout
    private let bytes: [UInt8]
    private(set) var rowsRead = 0

    init(_ picture: Picture) {
        layout = picture.layout
        bytes = picture.bytes
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws {
        for index in row.indices { row[index] = bytes[rowsRead * layout.rowByteCount + index] }
        rowsRead += 1
    }
}
