/// Writes TIFF files of one uncompressed strip (TIFF 6.0), in either byte order; every tag can be changed.
package struct TestTIFF {
    package enum Value {
        case short([Int])
        case long([Int])
        case text(String)
        case bytes([UInt8])
        /// Another directory, and where it is.
        indirect case directory([Int: Value])
    }

    package var isBigEndian = false
    /// By tag. The pixels lie at offset 8.
    package var entries: [Int: Value]
    package var pixels: [UInt8]

    /// - Parameter samples: the bytes of the strip.
    package init(_ width: Int, _ height: Int, bits: [Int] = [8], photometric: Int = 1, samples: [UInt8]) {
        pixels = samples
        entries = [
            256: .long([width]), 257: .long([height]), 258: .short(bits), 259: .short([1]), 262: .short([photometric]),
            273: .long([8]), 277: .short([bits.count]), 278: .long([height]), 279: .long([samples.count]),
        ]
    }

    package var bytes: [UInt8] {
        let body = pixels + [UInt8](repeating: 0, count: pixels.count % 2)
        let start = 8 + body.count
        return Array((isBigEndian ? "MM" : "II").utf8) + number(42, 2) + number(start, 4) + body
            + directory(entries, at: start)
    }

    /// A directory, and behind it what its entries cannot hold themselves.
    private func directory(_ entries: [Int: Value], at start: Int) -> [UInt8] {
        var tail = start + 2 + entries.count * 12 + 4
        var table = number(entries.count, 2)
        var far: [UInt8] = []
        for (tag, value) in entries.sorted(by: { $0.key < $1.key }) {
            let (type, count, content): (Int, Int, [UInt8])
            switch value {
            case .short(let values): (type, count, content) = (3, values.count, values.flatMap { number($0, 2) })
            case .long(let values): (type, count, content) = (4, values.count, values.flatMap { number($0, 4) })
            case .text(let text): (type, count, content) = (2, text.utf8.count + 1, text.utf8 + [0])
            case .bytes(let bytes): (type, count, content) = (7, bytes.count, bytes)
            case .directory(let inner):
                (type, count, content) = (4, 1, number(tail, 4))
                far += directory(inner, at: tail)
                tail = start + 2 + entries.count * 12 + 4 + far.count
            }
            table += number(tag, 2) + number(type, 2) + number(count, 4)
            if content.count <= 4 {
                table += content + [UInt8](repeating: 0, count: 4 - content.count)
            } else {
                table += number(tail, 4)
                far += content
                tail += content.count
            }
        }
        return table + number(0, 4) + far
    }

    package func number(_ value: Int, _ count: Int) -> [UInt8] {
        isBigEndian ? [UInt8](big: UInt32(value), count) : [UInt8](little: UInt32(value), count)
    }
}
