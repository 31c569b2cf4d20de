import Codecs
import Imaging
import Rendering
import Testing

@Suite struct `A page of a TIFF` {
    /// Gray pages of one level each, the first 4 × 3 pixels, each that follows larger by one (TIFF 6.0, section 2).
    private struct Pages {
        var bytes: [UInt8] = Array("II".utf8) + [42, 0, 0, 0, 0, 0]
        /// Where each page's directory is.
        private(set) var directories: [Int] = []
        /// Where it is written which directory follows; that of the first at the front.
        private(set) var links = [4]

        init(levels: [UInt8]) {
            self.init(levels: levels, sides: levels.indices.map { (4 + $0, 3 + $0) }, bits: 8)
        }

        private init(levels: [UInt8], sides: [(Int, Int)], bits: Int) {
            for (level, (width, height)) in zip(levels, sides) {
                let pixels = bytes.count
                let byteCount = (width * bits + 7) / 8 * height
                bytes += [UInt8](repeating: level, count: (byteCount + 1) & ~1)
                link(bytes.count)
                let entries = [
                    (256, width), (257, height), (258, bits), (259, 1), (262, 1), (273, pixels), (277, 1),
                    (278, height),
                    (279, byteCount),
                ]
                bytes += [UInt8(entries.count), 0]
                for (tag, value) in entries {
                    bytes += Self.number(tag, 2) + [4, 0, 1, 0, 0, 0] + Self.number(value, 4)
                }
                links.append(bytes.count)
                bytes += [0, 0, 0, 0]
            }
        }

        /// Two pages of noise, black and white, one bit a pixel.
        static func noise(_ side: Int) -> Pages {
            var pages = Pages(levels: [0, 0], sides: [(8, 1), (side, side)], bits: 1)
            var state: UInt32 = 1
            for index in pages.bytes.indices.dropFirst(pages.links[1] + 4).prefix(side * side / 8) {
                state = state &* 1_664_525 &+ 1_013_904_223
                pages.bytes[index] = UInt8(truncatingIfNeeded: state >> 24)
            }
            return pages
        }

        private mutating func link(_ offset: Int) {
            directories.append(offset)
            setNext(of: links.count - 1, to: offset)
        }

        mutating func setNext(of page: Int, to offset: Int) {
            bytes.replaceSubrange(links[page]..<links[page] + 4, with: Self.number(offset, 4))
        }

        private static func number(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
    }

    private static func page(_ number: Int, of file: [UInt8], _ steps: [String] = []) throws -> Decoded {
        try Decoded(
            Renderer().file(file, steps, output: ["format": "png", "page": .number(Double(number))]))
    }

    private static func impossible(_ detail: String) -> PlanError { .impossible(parameter: "page", detail: detail) }

    @Test func `is taken by its number, the first where none is given`() throws {
        let file = Pages(levels: [10, 120, 250]).bytes
        #expect(try Decoded(Renderer().file(file, [], output: ["format": "png"]))[3, 2] == [10])
        for (number, level) in [(1, 10), (2, 120), (3, 250)] as [(Int, UInt8)] {
            let page = try Self.page(number, of: file)
            #expect(page.layout.size == Size(width: 3 + number, height: 2 + number))
            #expect(page.bytes.allSatisfy { $0 == level })
            // What looks at the picture first looks at that page, too.
            #expect(try Self.page(number, of: file, ["trim", "resize:2x"])[1, 1] == [level])
        }
    }

    @Test func `that is not there is refused`() throws {
        let file = Pages(levels: [10, 120]).bytes
        #expect(throws: Self.impossible("the picture has 2 pages")) { try Self.page(3, of: file) }
        #expect(throws: Self.impossible("the picture has 2 pages")) { try Self.page(65_535, of: file) }
        for format in ImageFormat.allCases {
            let file = try SourceFile.photo(format, 20, 20)
            #expect(throws: Self.impossible("the picture has one page")) { try Self.page(2, of: file) }
            #expect(try Self.page(1, of: file).layout.size.width == 20)
        }
        for number in [0, -1, 65_536] {
            #expect(throws: PlanError.self) { try Self.page(number, of: file) }
        }
    }

    @Test func `is not reached twice where directories lead in a circle`() throws {
        var pages = Pages(levels: [10, 120])
        pages.setNext(of: 2, to: pages.directories[0])
        #expect(throws: Self.impossible("the picture has 2 pages")) { try Self.page(3, of: pages.bytes) }
        #expect(try Self.page(2, of: pages.bytes)[0, 0] == [120])
    }

    @Test func `is refused where its directory lies outside the file`() throws {
        var pages = Pages(levels: [10, 120])
        for offset in [pages.bytes.count + 1, Int(UInt32.max)] {
            pages.setNext(of: 1, to: offset)
            #expect(throws: Self.impossible("the picture has one page")) { try Self.page(2, of: pages.bytes) }
            #expect(try Self.page(1, of: pages.bytes)[0, 0] == [10])
        }
        // A directory that claims more entries than the file has room for.
        pages = Pages(levels: [10, 120])
        pages.bytes[pages.directories[1] + 1] = 0xFF
        #expect(throws: DecodeError.truncated) { try Self.page(2, of: pages.bytes) }
    }

    @Test func `is read where the first one is broken`() throws {
        var pages = Pages(levels: [10, 120])
        // Compression 65535.
        pages.bytes.replaceSubrange(
            pages.directories[0] + 2 + 3 * 12 + 8..<pages.directories[0] + 2 + 3 * 12 + 10, with: [255, 255])
        #expect(throws: DecodeError.self) { try Self.page(1, of: pages.bytes) }
        #expect(try Self.page(2, of: pages.bytes)[0, 0] == [120])
    }

    @Test func `is what compressing gives, never the whole file`() throws {
        let file = Pages.noise(64).bytes
        // As we write it, that page alone takes more than the file.
        let result = try Renderer().file(file, ["compress"], output: ["page": 2])
        #expect(result.count > file.count)
        #expect(try Decoded(result).layout.size == Size(width: 64, height: 64))
    }

    @Test func `is held to the limits by its own size`() throws {
        var limits = Limits()
        limits.maxPixels = 12
        let file = Pages(levels: [10, 120]).bytes
        #expect(throws: LimitError.sourceTooLarge(size: Size(width: 5, height: 4), limit: 12)) {
            try Renderer(limits: limits).file(file, [], output: ["page": 2])
        }
        #expect(try !Renderer(limits: limits).file(file, []).isEmpty)
    }
}
