import Codecs
import Dispatch
import FoundationEssentials
import Imaging
import Jobs
import Rendering
import SystemPackage
import Testing

@Suite struct `Measuring a picture` {
    private static func measure(_ file: [UInt8], _ renderer: Renderer = Renderer()) throws -> PictureMeasures {
        try renderer.measure(EncodedImage(file)) { _ in }
    }

    /// Gray noise, the same each time.
    private static func noise(_ x: Int, _ y: Int) -> UInt8 {
        var bits = UInt32(truncatingIfNeeded: x &* 73_856_093 ^ y &* 19_349_663) &* 2_654_435_761
        bits ^= bits >> 15
        return UInt8(truncatingIfNeeded: (bits &* 2_246_822_519) >> 24)
    }

    // MARK: - The file

    @Test(arguments: ImageFormat.allCases)
    func `tells what the file is`(_ format: ImageFormat) throws {
        let file = try SourceFile.photo(format, 60, 40)
        let measures = try Self.measure(file)
        #expect((measures.width, measures.height) == (60, 40))
        #expect(measures.format == format)
        #expect(measures.colorMode == (format == .gif ? .palette : .rgb))
        #expect(measures.bitDepth == 8)
        #expect(measures.fileSize == file.count)
        #expect(measures.frameCount == 1)
        #expect(measures.camera == nil && measures.dateTaken == nil)
    }

    @Test(arguments: Orientation.allCases)
    func `tells the size upright, and the same of the pixels whichever side is up`(_ orientation: Orientation) throws {
        let stored = try SourceFile.photo(.jpeg, 640, 480)
        let turned = try Self.measure(SourceFile.oriented(stored, orientation))
        let upright = try Self.measure(stored)
        #expect((turned.width, turned.height) == (orientation.exchangesSides ? (480, 640) : (640, 480)))
        #expect(turned.sharpness == upright.sharpness)
        #expect(turned.dominantColors == upright.dominantColors)
    }

    // MARK: - Colours, brightness, contrast

    @Test func `names the colours, and says how much there is of each`() throws {
        // 3 of 4 columns red, of luma 0.299 × 255 = 76.245; the others blue, 0.114 × 255 = 29.07.
        let file = try SourceFile.make(.png, 40, 30) { x, _ in x < 30 ? [255, 0, 0, 255] : [0, 0, 255, 255] }
        let measures = try Self.measure(file)
        #expect(
            measures.dominantColors == [
                .init(Color(red: 255, green: 0, blue: 0), name: "red", share: 0.75),
                .init(Color(red: 0, green: 0, blue: 255), name: "blue", share: 0.25),
            ])
        // Figures are rounded to a hundredth.
        #expect(abs(measures.brightness! - (0.75 * 76.245 + 0.25 * 29.07)) <= 0.006)
        // Of two values p and 1 − p of the time: the square root of p(1 − p), times their distance.
        #expect(abs(measures.contrast! - (0.75 * 0.25).squareRoot() * (76.245 - 29.07)) <= 0.006)
    }

    @Test func `names five colours at most, and none below a hundredth`() throws {
        // Columns of each colour, of 200.
        let columns: [(Int, [UInt8])] = [
            (80, [255, 0, 0, 255]), (50, [0, 0, 255, 255]), (30, [255, 255, 0, 255]), (20, [255, 255, 255, 255]),
            (12, [0, 0, 0, 255]), (7, [0, 255, 0, 255]), (1, [255, 0, 255, 255]),
        ]
        let row = columns.flatMap { count, color in (0..<count).map { _ in color } }
        let many = try Self.measure(SourceFile.make(.png, 200, 4) { x, _ in row[x] })
        #expect(many.dominantColors.map(\.name) == ["red", "blue", "yellow", "white", "black"])
        #expect(many.dominantColors.map(\.share) == [0.4, 0.25, 0.15, 0.1, 0.06])
        let few = try Self.measure(
            SourceFile.make(.png, 200, 4) { x, _ in x == 0 ? [255, 0, 255, 255] : [9, 9, 9, 255] })
        #expect(few.dominantColors.map(\.hex) == ["#090909"])
    }

    @Test(arguments: [0, 1, 128, 255] as [UInt8])
    func `measures a flat gray exactly`(_ gray: UInt8) throws {
        for format in [PixelFormat.gray8, .rgba8] {
            let file = try SourceFile.make(.png, 700, 5, format) { _, _ in [gray, gray, gray, 255] }
            let measures = try Self.measure(file)
            #expect(measures.brightness == Double(gray))
            #expect(measures.contrast == 0)
            #expect(measures.sharpness == 0)
            #expect(measures.kind == .graphics)
        }
    }

    // MARK: - Sharpness and kind

    @Test func `takes the Laplacian's variance for sharpness`() throws {
        // On a chequered field each pixel differs by 255 from all four neighbours: 4 × 255, half of them negative.
        let field = try SourceFile.make(.png, 20, 20) { x, y in
            (x + y).isMultiple(of: 2) ? [255, 255, 255, 255] : [0, 0, 0, 255]
        }
        #expect(try Self.measure(field).sharpness == 1020 * 1020)
        // An even slope has none.
        let slope = try SourceFile.make(.png, 50, 20, .gray8) { x, y in [UInt8(x * 3 + y * 2)] }
        #expect(try Self.measure(slope).sharpness == 0)
        // One white pixel among 8 × 8 black ones: of the 6 × 6 inner ones it has −1020, its neighbours 255 each.
        let point = try SourceFile.make(.png, 8, 8, .gray8) { x, y in [x == 4 && y == 4 ? 255 : 0] }
        let squares = 1020.0 * 1020 + 4 * 255 * 255
        #expect(abs(try Self.measure(point).sharpness! - squares / 36) <= 0.006)
        // Without an inner pixel there is nothing to say.
        let line = try SourceFile.make(.png, 50, 2, .gray8) { x, _ in [UInt8(x)] }
        #expect(try Self.measure(line).sharpness == nil)
    }

    @Test func `finds a blurred picture less sharp`() throws {
        let file = try SourceFile.make(.png, 300, 200, .gray8) { x, y in [Self.noise(x / 3, y / 3)] }
        let blurred = try Renderer().file(file, ["blur:2"])
        #expect(try Self.measure(blurred).sharpness! < Self.measure(file).sharpness! / 10)
    }

    @Test func `tells a photo by its noise from graphics`() throws {
        let noise = { (x: Int, y: Int) in [Self.noise(x, y), Self.noise(x + 999, y), Self.noise(x, y + 999), 255] }
        #expect(try Self.measure(SourceFile.make(.png, 200, 100, pixel: noise)).kind == .photo)
        #expect(try Self.measure(SourceFile.make(.png, 200, 100, .gray8, pixel: noise)).kind == .photo)
        #expect(try Self.measure(SourceFile.make(.jpeg, 200, 100, quality: 70, pixel: noise)).kind == .photo)
        // Bars of many shades, 8 pixels wide.
        let bars = { (x: Int, _: Int) in [UInt8(x / 8 * 6), UInt8(255 - x / 8 * 7), 90, 255] as [UInt8] }
        #expect(try Self.measure(SourceFile.make(.png, 200, 100, pixel: bars)).kind == .graphics)
        #expect(try Self.measure(SourceFile.make(.jpeg, 200, 100, quality: 90, pixel: bars)).kind == .graphics)
        // Few colours, though no two neighbours are alike.
        let field = try SourceFile.make(.png, 20, 20) { x, y in [UInt8((x + y) % 2 * 255), 0, 0, 255] }
        #expect(try Self.measure(field).kind == .graphics)
    }

    /// The same picture at any size says the same: the figures are those of the picture inside 512 × 512.
    @Test func `can be compared between sizes`() throws {
        let large = try SourceFile.make(.png, 1600, 1000) { x, y in
            let noise = Self.noise(x / 4, y / 4)
            return [noise / 2, UInt8(x * 255 / 1600), UInt8(y * 255 / 1000), 255]
        }
        let small = try Renderer().file(large, ["thumbnail:512"])
        let (one, other) = (try Self.measure(large), try Self.measure(small))
        #expect(one.dominantColors == other.dominantColors)
        #expect(one.brightness == other.brightness)
        #expect(one.contrast == other.contrast)
        #expect(one.sharpness == other.sharpness)
        #expect(one.kind == other.kind)
        #expect((one.width, other.width) == (1600, 512))
    }

    @Test func `measures a JPEG that shrinks on load like the same pixels in full`() throws {
        let jpeg = try SourceFile.make(.jpeg, 2000, 1500, .gray8) { x, y in
            [UInt8((x / 12 + y / 9) % 200) + Self.noise(x / 5, y / 5) / 5]
        }
        let full = try Self.measure(Renderer().file(jpeg, [], output: ["format": "png"]))
        let shrunk = try Self.measure(jpeg)
        // Shrinking to half the size cuts frequencies off block by block, before the filter has them.
        #expect(abs(shrunk.brightness! - full.brightness!) < 0.5)
        #expect(abs(shrunk.contrast! - full.contrast!) < 0.5)
        #expect(abs(shrunk.sharpness! / full.sharpness! - 1) < 0.1)
        #expect(shrunk.kind == full.kind)
    }

    // MARK: - Transparency

    @Test(arguments: [ImageFormat.png, .tiff])
    func `does not look at what is transparent`(_ format: ImageFormat) throws {
        let file = try SourceFile.make(format, 40, 40, isOpaque: false) { x, _ in
            x < 20 ? [255, 0, 0, x < 10 ? 255 : 128] : [0, 0, 255, x < 30 ? 127 : 0]
        }
        let measures = try Self.measure(file)
        #expect(measures.hasTransparency)
        #expect(measures.colorMode == .rgba)
        #expect(
            measures.dominantColors == [.init(Color(red: 255, green: 0, blue: 0), name: "red", share: 1)])
        #expect(abs(measures.brightness! - 76.245) <= 0.006)
        #expect(measures.contrast == 0)
        #expect(measures.sharpness == 0)
    }

    @Test func `finds a single pixel that is not quite opaque, at full size`() throws {
        let picture = { (alpha: UInt8) in
            try SourceFile.make(.png, 900, 700, isOpaque: false) { x, y in
                [UInt8(x % 256), 0, 0, x == 898 && y == 699 ? alpha : 255]
            }
        }
        #expect(try Self.measure(picture(254)).hasTransparency)
        // An alpha channel alone is none.
        let opaque = try Self.measure(picture(255))
        #expect(opaque.colorMode == .rgba)
        #expect(!opaque.hasTransparency)
    }

    @Test func `has no figures where nothing can be seen`() throws {
        let measures = try Self.measure(SourceFile.make(.png, 9, 9, isOpaque: false) { _, _ in [1, 2, 3, 0] })
        #expect(measures.hasTransparency)
        #expect(measures.dominantColors.isEmpty)
        #expect(measures.brightness == nil && measures.contrast == nil && measures.sharpness == nil)
    }

    // MARK: - Limits

    @Test func `holds whole pictures only where the decoder must, and counts them`() throws {
        let renderer = Renderer(budget: MemoryBudget(byteCount: 1000))
        for format in [ImageFormat.png, .jpeg] {
            let file = try SourceFile.photo(format, 200, 100)
            #expect(throws: Never.self) { try Self.measure(file, renderer) }
        }
        #expect(throws: LimitError.tooMuchMemory(byteCount: 200 * 100 * 4, limit: 1000)) {
            try Self.measure(SourceFile.photo(.webp, 200, 100), renderer)
        }
    }

    @Test func `limits the source, and not by what results may be`() throws {
        var limits = Limits()
        (limits.maxPixels, limits.maxOutputSide, limits.maxOutputPixels) = (20_000, 1, 1)
        let renderer = Renderer(limits: limits)
        let file = try SourceFile.photo(.png, 200, 100)
        #expect(throws: Never.self) { try Self.measure(file, renderer) }
        #expect(throws: Never.self) { try renderer.preview(EncodedImage(file)) { _ in } }
        let large = try SourceFile.photo(.png, 201, 100)
        #expect(throws: LimitError.self) { try Self.measure(large, renderer) }
        #expect(throws: LimitError.self) { try renderer.preview(EncodedImage(large)) { _ in } }
    }

    @Test(arguments: ImageFormat.allCases)
    func `refuses a picture that is cut off`(_ format: ImageFormat) throws {
        let file = try SourceFile.photo(format, 200, 200)
        #expect(throws: DecodeError.self) { try Self.measure(Array(file.prefix(file.count / 2))) }
    }
}

@Suite struct `A preview` {
    private static func preview(_ file: [UInt8]) throws -> [UInt8] {
        try Renderer().preview(EncodedImage(file)) { _ in }
    }

    @Test func `is upright, inside 1024 pixels, and without metadata`() throws {
        let file = SourceFile.oriented(try SourceFile.photo(.jpeg, 1600, 800), .rotated90)
        let preview = try Self.preview(file)
        let header = try Renderer().probe(EncodedImage(preview))
        #expect(header.format == .jpeg)
        #expect(header.storedSize == Size(width: 512, height: 1024))
        #expect(header.orientation == .upright)
        #expect(!preview.contains(Array("Exif".utf8)))
    }

    @Test func `does not enlarge`() throws {
        let preview = try Self.preview(SourceFile.photo(.png, 30, 20))
        #expect(try Renderer().probe(EncodedImage(preview)).size == Size(width: 30, height: 20))
    }

    @Test func `shows white where the picture is transparent`() throws {
        let preview = try Self.preview(SourceFile.make(.png, 16, 16, isOpaque: false) { _, _ in [0, 0, 0, 0] })
        #expect(try Decoded(preview)[8, 8].allSatisfy { $0 > 250 })
    }
}

@Suite(.timeLimit(.minutes(1))) struct `A thread that describes` {
    private let engine = ThreadRenderer(Renderer(), slots: 1)

    @Test func `reads bytes and files alike`() async throws {
        let bytes = try SourceFile.photo(.png, 300, 200)
        let path = FilePath(FileManager.default.temporaryDirectory.path).appending("measure-\(UUID().uuidString)")
        try Data(bytes).write(to: URL(filePath: path.string))
        defer { try? FileManager.default.removeItem(atPath: path.string) }
        let expected = try Renderer().measure(EncodedImage(bytes)) { _ in }
        let preview = try Renderer().preview(EncodedImage(bytes)) { _ in }
        for source in [LocalBytes.held(bytes), .file(path)] {
            #expect(try await engine.measure(source, timeout: .seconds(60)) == expected)
            #expect(try await engine.preview(source, timeout: .seconds(60)) == preview)
        }
    }

    @Test func `ends when the time is up`() async throws {
        let source = LocalBytes.held(try SourceFile.photo(.png, 300, 200))
        await #expect(throws: PictureError.timedOut(after: .zero)) {
            try await engine.measure(source, timeout: .zero)
        }
        await #expect(throws: PictureError.timedOut(after: .zero)) {
            try await engine.preview(source, timeout: .zero)
        }
    }

    @Test func `ends when its task is cancelled`() async throws {
        let source = LocalBytes.held(try SourceFile.photo(.png, 300, 200))
        await #expect(throws: CancellationError.self) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                // What is added now is cancelled when it begins.
                group.cancelAll()
                group.addTask { _ = try await engine.measure(source, timeout: .seconds(60)) }
                try await group.waitForAll()
            }
        }
    }

    @Test func `says the domain's errors`() async throws {
        await #expect(throws: PictureError.unknownFormat) {
            try await engine.measure(.held(Array("not a picture".utf8)), timeout: .seconds(60))
        }
    }
}
