import Testing

@testable import Imaging

@Suite struct `Operations that move pixels` {
    /// Where the pixel at (x, y) of the result stood, for each way a 7×4 picture can be turned.
    @Test(arguments: Orientation.allCases, PixelFormat.all)
    func `turn as EXIF's orientations say`(_ orientation: Orientation, _ format: PixelFormat) throws {
        // Taller and wider than the bands in which rows are transposed.
        let stored = Picture.noise(83, 70, format)
        let upright = try Picture(reading: TurnedRows.turning(PictureRows(stored), orientation))
        #expect(upright.size == (orientation.exchangesSides ? Size(width: 70, height: 83) : stored.size))
        let (right, bottom) = (82, 69)
        for (x, y) in [(0, 0), (5, 2), (69, 69), (upright.size.width - 1, upright.size.height - 1)] {
            // EXIF 2.32, tag 274: which side of the scene the stored row 0 and column 0 are.
            let source =
                switch orientation {
                case .upright: (x, y)
                case .mirrored: (right - x, y)
                case .rotated180: (right - x, bottom - y)
                case .flipped: (x, bottom - y)
                case .transposed: (y, x)
                case .rotated90: (y, bottom - x)
                case .transversed: (right - y, bottom - x)
                case .rotated270: (right - y, x)
                }
            #expect(upright[x, y] == stored[source.0, source.1])
        }
    }

    @Test(arguments: [
        ("pad:1:2:3:4", 4, 1, 6, 4), ("pad:left=5", 5, 0, 5, 0), ("extend:20x12", 3, 2, 7, 5),
        ("extend:5x12", 0, 2, 0, 5),
    ])
    func `add margins`(_ step: String, _ left: Int, _ top: Int, _ across: Int, _ down: Int) throws {
        let picture = Picture.noise(13, 7)
        let padded = try picture.after(step)
        let colored = try picture.after(step + ":background=102030")
        #expect(padded.size == Size(width: 13 + across, height: 7 + down) && colored.size == padded.size)
        #expect(!padded.layout.isOpaque && colored.layout.isOpaque)
        for y in 0..<padded.size.height {
            for x in 0..<padded.size.width {
                let isInside = (left..<left + 13).contains(x) && (top..<top + 7).contains(y)
                let inner = isInside ? picture[x - left, y - top] : nil
                #expect(padded[x, y] == inner ?? [0, 0, 0, 0])
                #expect(colored[x, y] == inner ?? [0x10, 0x20, 0x30, 255])
            }
        }
        #expect(try picture.after("pad", "extend:3x7") == picture)
        let gray = try Picture(1, 1, .gray8) { _, _ in [9] }.after("pad:right=1")
        #expect(gray.bytes == [9, 9, 9, 255, 0, 0, 0, 0])
    }

    @Test func `add margins of 16 bits, coloured as those of 8`() throws {
        let picture = Picture.noise(13, 7, .rgba16)
        let padded = try picture.after("pad:left=2:top=1:background=102030")
        #expect(padded.size == Size(width: 15, height: 8) && padded.layout.isOpaque)
        for y in 0..<8 {
            for x in 0..<15 {
                let margin = [0x1010, 0x2020, 0x3030, 0xFFFF]
                #expect(padded.levels(x, y) == (x < 2 || y < 1 ? margin : picture.levels(x - 2, y - 1)))
            }
        }
        let gray = try Picture(1, 1, .gray16) { _, _ in UInt16(9).nativeBytes }.after("pad:right=1")
        #expect(gray.layout.format == .rgba16 && gray.levels == [9, 9, 9, 65_535, 0, 0, 0, 0])
    }

    @Test(arguments: [(40, 30, 12, 12.0), (25, 31, 400, 12.5), (9, 9, 1, 1)])
    func `round the corners`(_ width: Int, _ height: Int, _ radius: Int, _ real: Double) throws {
        let picture = Picture(width, height, isOpaque: false) { x, y in [UInt8(x), UInt8(y), 7, 200] }
        let rounded = try picture.after("round:\(radius)")
        #expect(rounded.size == picture.size && !rounded.layout.isOpaque)
        var sum = 0.0
        for y in 0..<height {
            for x in 0..<width {
                #expect(rounded[x, y].prefix(3) == picture[x, y].prefix(3))
                sum += Double(rounded[x, y][3]) / 200
                // The same at all four corners.
                #expect(
                    rounded[x, y][3] == rounded[width - 1 - x, y][3]
                        && rounded[x, y][3] == rounded[x, height - 1 - y][3])
            }
        }
        // A circle takes π / 4 of the square around it.
        #expect(abs(sum - (Double(width * height) - (4 - .pi) * real * real)) < 0.02 * real * real + 0.7)
        #expect(rounded[width / 2, height / 2][3] == 200 && (radius == 1 || rounded[0, 0][3] == 0))

        let deep = try Picture(width, height, .rgba16) { x, y in
            PixelFormat.rgba16.bytes([UInt16(x), 9, 7, 200 * 257])
        }.after("round:\(radius)")
        for y in 0..<height {
            for x in 0..<width {
                #expect(deep.levels(x, y).prefix(3) == [x, 9, 7])
                #expect(abs(Double(deep.levels(x, y)[3]) / 257 - Double(rounded[x, y][3])) <= 0.51)
            }
        }
    }

    @Test func `rotate clockwise`() throws {
        let picture = Picture(2, 1, .gray8) { x, _ in [x == 0 ? 1 : 2] }
        #expect(try picture.after("rotate:90").bytes == [1, 2])
        #expect(try picture.after("rotate:90").size == Size(width: 1, height: 2))
        #expect(try picture.after("rotate:180").bytes == [2, 1])
        #expect(try picture.after("rotate:270").bytes == [2, 1])
    }

    @Test(arguments: PixelFormat.all)
    func `undo themselves`(_ format: PixelFormat) throws {
        let picture = Picture.noise(53, 31, format)
        #expect(try picture.after("rotate:90", "rotate:270") == picture)
        #expect(try picture.after("rotate:180", "rotate:180") == picture)
        #expect(try picture.after("flip", "flip") == picture)
        #expect(try picture.after("flop", "flop") == picture)
        #expect(try picture.after("flip", "flop") == picture.after("rotate:180"))
    }

    @Test(arguments: [
        ("crop:3:2:5x4", 3, 2, 5, 4), ("crop:0:0:20x15", 0, 0, 20, 15), ("crop:18:14:9x9", 18, 14, 2, 1),
        ("crop:width=4:height=3", 0, 0, 4, 3),
    ])
    func `crop what lies within the picture`(_ step: String, _ x: Int, _ y: Int, _ width: Int, _ height: Int) throws {
        for format in PixelFormat.all {
            let picture = Picture.noise(20, 15, format)
            let part = try picture.after(step)
            #expect(part.layout == RowLayout(size: Size(width: width, height: height), format: format, isOpaque: true))
            for row in 0..<height {
                for column in 0..<width { #expect(part[column, row] == picture[x + column, y + row]) }
            }
        }
    }

    @Test(arguments: ["crop:20:0:5x5", "crop:0:15:5x5"])
    func `refuse a crop beside the picture`(_ step: String) throws {
        let crop = try #require(Plan.Step(text: step).element as? any Operation)
        #expect(throws: PlanError.self) { try crop.outputSize(of: Size(width: 20, height: 15)) }
    }

    @Test(
        arguments: ["crop:3:2:5x4", "resize:9x4", "resize:9x", "resize:x12", "thumbnail:7", "invert"],
        Orientation.allCases)
    func `give the same before and after the picture is turned upright`(
        _ step: String, _ orientation: Orientation
    ) throws {
        let stored = Picture.scene(24, 17)
        let upright = try Picture(reading: TurnedRows.turning(PictureRows(stored), orientation))
        let operation = try #require(Plan.Step(text: step).element as? any Operation)
        let ahead = try #require(operation.before(orientation, of: upright.size))
        let early = try Picture(
            reading: TurnedRows.turning(
                ahead.stage(reading: PictureRows(stored), of: stored.size), orientation))
        // The passes are done in another order: rounding may differ by one level.
        #expect(try #require(early.difference(from: upright.after(step))) <= 1)
    }

    @Test func `count what they hold of the picture`() throws {
        var layout = RowLayout(size: Size(width: 100, height: 50), format: .rgba8, isOpaque: true)
        func byteCount(_ step: String) throws -> Int {
            try #require(Plan.Step(text: step).element as? any Operation).wholePictureByteCount(for: layout)
        }
        #expect(try byteCount("rotate:90") == 20_000)
        layout.format = .rgba16
        #expect(try byteCount("rotate:90") == 40_000)
        layout.format = .rgba8
        #expect(try byteCount("flip") == 20_000)
        #expect(try byteCount("flop") == 0)
        #expect(try byteCount("blur:9") == 0)
    }
}
