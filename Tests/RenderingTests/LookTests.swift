import Codecs
import Imaging
import Rendering
import Testing

/// Operations that depend on what the picture shows.
@Suite struct `What a picture shows` {
    private static let white: [UInt8] = [255, 255, 255, 255]

    /// A white ground with a red rectangle.
    private static func card(
        _ format: ImageFormat, _ size: Size, red columns: Range<Int>, _ rows: Range<Int>
    ) throws -> [UInt8] {
        try SourceFile.make(format, size.width, size.height) { x, y in
            columns.contains(x) && rows.contains(y) ? [220, 30, 40, 255] : white
        }
    }

    @Test(arguments: [ImageFormat.png, .bmp, .tiff, .webp, .jpeg])
    func `is left when its border is trimmed`(_ format: ImageFormat) throws {
        let source = try Self.card(format, Size(width: 96, height: 80), red: 16..<64, 32..<48)
        let result = try Decoded(Renderer().file(source, ["trim:40"], output: ["format": "png"]))
        // Lossy formats may blur the border by a pixel.
        let slack = format == .jpeg || format == .webp ? 2 : 0
        #expect(abs(result.layout.size.width - 48) <= slack && abs(result.layout.size.height - 16) <= slack)
        #expect(result[24, 8][0] > 200 && result[24, 8][1] < 60)
    }

    @Test func `keeps all of it where nothing, or everything, differs`() throws {
        let blank = try SourceFile.make(.png, 20, 10) { _, _ in Self.white }
        #expect(try Decoded(Renderer().file(blank, ["trim"])).layout.size == Size(width: 20, height: 10))
        // Each pixel of the last column and row differs, and the corner is alone.
        let full = try SourceFile.make(.png, 20, 10) { x, y in x == 19 || y == 9 ? [0, 0, 0, 255] : Self.white }
        #expect(try Decoded(Renderer().file(full, ["trim"])).layout.size == Size(width: 20, height: 10))
    }

    @Test func `is found within a border of which nothing is to be seen`() throws {
        // Colours without alpha differ from pixel to pixel, as some programs leave them.
        let source = try SourceFile.make(.png, 40, 30, isOpaque: false) { x, y in
            (10..<20).contains(x) && (5..<25).contains(y)
                ? [9, 99, 9, 255] : [UInt8(x * 6), UInt8(y * 8), UInt8((x ^ y) * 4), 0]
        }
        #expect(try Decoded(Renderer().file(source, ["trim"])).layout.size == Size(width: 10, height: 20))
    }

    @Test(arguments: [(9, 48), (10, 40), (255, 48)])
    func `is told from the border by a tolerance`(_ tolerance: Int, _ width: Int) throws {
        // One column a side of 8 differs by 10 from the ground, the rest by more.
        let source = try SourceFile.make(.png, 48, 6) { x, _ in
            x == 0 || x == 47 ? Self.white : x < 4 || x >= 44 ? [245, 255, 255, 255] : [100, 255, 255, 255]
        }
        let size = try Decoded(Renderer().file(source, ["trim:\(tolerance)"])).layout.size
        #expect(size.width == (tolerance == 9 ? 46 : tolerance == 10 ? 40 : 48), "\(width)")
    }

    @Test func `is measured after the steps before, and sets the size for those after`() throws {
        let source = try Self.card(.png, Size(width: 96, height: 80), red: 16..<64, 32..<48)
        let result = try Decoded(Renderer().file(source, ["invert", "rotate:90", "trim", "resize:8x24:fit=fill"]))
        #expect(result.layout.size == Size(width: 8, height: 24))
        #expect(result[4, 12][0] < 50 && result[4, 12][1] > 200)
        // The crop would lie beside what trim leaves, which shows only then.
        #expect(throws: PlanError.self) { try Renderer().file(source, ["trim", "crop:60:0:10x10"]) }
    }

    @Test(arguments: Orientation.allCases)
    func `is looked at upright`(_ orientation: Orientation) throws {
        // As stored: 64 wide, 48 high, with a red block on the right.
        let stored = try SourceFile.make(.jpeg, 64, 48) { x, y in
            (40..<56).contains(x) && (8..<24).contains(y) ? [220, 30, 40, 255] : Self.white
        }
        let source = SourceFile.oriented(stored, orientation)
        let trimmed = try Decoded(Renderer().file(source, ["trim:60"], output: ["format": "png"]))
        #expect(trimmed.mean(0) > 200 && trimmed.mean(1) < 70)
        // A strip a quarter as wide as the stored picture, of which the block fills a third.
        let strip = orientation.exchangesSides ? "resize:24x8" : "resize:8x24"
        let kept = try Decoded(
            Renderer().file(source, ["\(strip):fit=cover:gravity=smart"], output: ["format": "png"]))
        #expect(abs(kept.mean(1) - (255 - 225 / 3)) < 12)
    }

    @Test(arguments: [
        ("left", 0.0), ("center", 0.5), ("right", 1.0), ("top_left", 0.0), ("bottom_right", 1.0), ("top", 0.5),
    ])
    func `is cut where gravity says`(_ gravity: String, _ place: Double) throws {
        // Brighter from left to right: 200 wide, of which 100 are kept.
        let source = try SourceFile.make(.png, 200, 100) { x, _ in [UInt8(x), UInt8(x), UInt8(x), 255] }
        let result = try Decoded(Renderer().file(source, ["resize:100x100:fit=cover:gravity=\(gravity)"]))
        #expect(result.layout.size == Size(width: 100, height: 100))
        for x in [10, 50, 90] { #expect(abs(Int(result[x, 50][0]) - (x + Int(place * 100))) <= 1) }
    }

    @Test(arguments: [ImageFormat.png, .jpeg], [20, 150, 260])
    func `is found by a smart gravity`(_ format: ImageFormat, _ x: Int) throws {
        let source = try SourceFile.make(format, 300, 100) { column, row in
            (x..<x + 30).contains(column) && (40..<70).contains(row) ? [230, 40, 30, 255] : [70, 90, 110, 255]
        }
        let result = try Decoded(
            Renderer().file(source, ["resize:60x60:fit=cover:gravity=smart"], output: ["format": "png"]))
        // The whole block is there: 30 of 100 pixels a side, a fifth less than a tenth of the square.
        let red = (0..<60 * 60).count { result[$0 % 60, $0 / 60][0] > 150 }
        #expect(abs(red - 18 * 18) <= 60, "\(red)")
    }

    @Test func `is its middle where nothing stands out`() throws {
        let source = try SourceFile.make(.png, 200, 100) { _, _ in [90, 90, 90, 255] }
        let smart = try Renderer().file(source, ["resize:50x50:fit=cover:gravity=smart"])
        #expect(try smart == Renderer().file(source, ["resize:50x50:fit=cover"]))
    }

    @Test(arguments: [ImageFormat.png, .jpeg])
    func `is stretched over all tones`(_ format: ImageFormat) throws {
        // Luma from 60 to 160, evenly.
        let source = try SourceFile.make(format, 101, 40) { x, _ in [UInt8(60 + x), UInt8(60 + x), UInt8(60 + x), 255] }
        let result = try Decoded(Renderer().file(source, ["normalize:0:100"], output: ["format": "png"]))
        for x in [0, 25, 50, 75, 100] {
            #expect(abs(Double(result[x, 20][0]) - Double(x) * 2.55) <= (format == .png ? 1 : 8), "\(x)")
        }
        // A tenth at either end is cut off.
        let cut = try Decoded(Renderer().file(source, ["normalize:10:90"], output: ["format": "png"]))
        #expect(cut[8, 20][0] <= 2 && cut[92, 20][0] >= 253)
        #expect(abs(Int(cut[50, 20][0]) - 127) <= 4)
    }

    @Test func `of one tone stays as it is`() throws {
        let source = try SourceFile.make(.png, 9, 9) { _, _ in [80, 80, 80, 255] }
        #expect(try Decoded(Renderer().file(source, ["normalize"]))[4, 4][0] == 80)
    }

    @Test func `is looked at once more, and may be given up meanwhile`() throws {
        struct Stop: Error {}
        let source = try SourceFile.photo(.png, 200, 200)
        #expect(throws: Stop.self) { try Renderer().file(source, ["trim"]) { _ in throw Stop() } }
    }
}
