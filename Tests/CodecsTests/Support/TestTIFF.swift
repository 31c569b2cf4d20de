/// Writes TIFF files of one uncompressed strip (TIFF 6.0), in either byte order; every tag can be changed.
struct TestTIFF {
    enum Value {
        case short([Int])
        case long([Int])
    }

    var isBigEndian = false
    /// By tag. The pixels lie at offset 8.
    var entries: [Int: Value]
    var pixels: [UInt8]

    /// - Parameter samples: the bytes of the strip.
    init(_ width: Int, _ height: Int, bits: [Int] = [8], photometric: Int = 1, samples: [UInt8]) {
        pixels = samples
        entries = [
            256: .long([width]), 257: .long([height]), 258: .short(bits), 259: .short([1]), 262: .short([photometric]),
            273: .long([8]), 277: .short([bits.count]), 278: .long([height]), 279: .long([samples.count]),
        ]
    }

    var bytes: [UInt8] {
        let body = pixels + [UInt8](repeating: 0, count: pixels.count % 2)
        let directory = 8 + body.count
        var tail = directory + 2 + entries.count * 12 + 4
        var table = number(entries.count, 2)
        var far: [UInt8] = []
        for (tag, value) in entries.sorted(by: { $0.key < $1.key }) {
            let (type, size, values) =
                switch value {
                case .short(let values): (3, 2, values)
                case .long(let values): (4, 4, values)
                }
            table += number(tag, 2) + number(type, 2) + number(values.count, 4)
            let content = values.flatMap { number($0, size) }
            if content.count <= 4 {
                table += content + [UInt8](repeating: 0, count: 4 - content.count)
            } else {
                table += number(tail, 4)
                far += content
                tail += content.count
            }
        }
        return Array((isBigEndian ? "MM" : "II").utf8) + number(42, 2) + number(directory, 4) + body + table
            + number(0, 4) + far
    }

    func number(_ value: Int, _ count: Int) -> [UInt8] {
        isBigEndian ? [UInt8](big: UInt32(value), count) : [UInt8](little: UInt32(value), count)
    }
}
