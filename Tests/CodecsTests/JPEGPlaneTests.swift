import Imaging
import Testing

@testable import Codecs

@Suite struct `JPEG in planes` {
    /// The picture of ``Fixtures/Slope``, by our own encoder where that writes its kind.
    private static func slope(quality: Int) throws -> [UInt8] {
        let picture = Picture(35, 21, .rgba8, isOpaque: true) { x, y in
            [UInt8(40 + 5 * x), UInt8(60 + 6 * y), UInt8(230 - 4 * x - 3 * y), 255]
        }
        return try picture.encoded(.jpeg) { $0.quality = quality }
    }

    /// Rec. ITU-T T.871, 7: the colours at a place in pixels, from the left and upper edges.
    private static func slope(_ x: Double, _ y: Double) -> (luma: Double, blue: Double, red: Double) {
        let (r, g, b) = (40 + 5 * (x - 0.5), 60 + 6 * (y - 0.5), 230 - 4 * (x - 0.5) - 3 * (y - 0.5))
        let luma = 0.299 * r + 0.587 * g + 0.114 * b
        return (luma, (b - luma) / 1.772 + 128, (r - luma) / 1.402 + 128)
    }

    private static func planes(_ file: [UInt8], atLeast least: Size? = nil) throws -> Planes {
        var request = DecodeRequest()
        request.leastSize = least
        return try #require(try JPEGCodec.planes(of: EncodedImage(file), request))
    }

    /// By how much the samples are too large on average, which a shift shows as and quantization does not. Those that reach
    /// beyond the picture are left out: they are made of what their encoder repeated.
    private static func bias(_ plane: Plane, _ pick: ((luma: Double, blue: Double, red: Double)) -> Double) throws
        -> Double
    {
        let size = plane.rows.layout.size
        var row = [UInt8](repeating: 0, count: size.width)
        var sum = 0.0, count = 0.0
        for y in 0..<size.height {
            try plane.rows.readRow(into: &row)
            for x in 0..<size.width where Double(x + 1) <= plane.extent.width && Double(y + 1) <= plane.extent.height {
                let exact = slope(
                    (Double(x) + 0.5) * 35 / plane.extent.width, (Double(y) + 0.5) * 21 / plane.extent.height)
                sum += Double(row[x]) - pick(exact)
                count += 1
            }
        }
        return sum / count
    }

    @Test(arguments: [
        ("4:4:4", 1, 1), ("4:2:0", 2, 2), ("4:2:2", 2, 1), ("4:4:0", 1, 2), ("4:1:1", 4, 1),
    ])
    func `each sample of chroma lies in the middle of its pixels`(_ kind: String, _ across: Int, _ down: Int) throws {
        let files = [
            "4:4:4": try Self.slope(quality: 95), "4:2:0": try Self.slope(quality: 85),
            "4:2:2": Fixtures.Slope.jpeg422, "4:4:0": Fixtures.Slope.jpeg440, "4:1:1": Fixtures.Slope.jpeg411,
        ]
        let planes = try Self.planes(#require(files[kind]))
        #expect(planes.luma.rows.layout.size == Size(width: 35, height: 21))
        #expect(planes.luma.extent == RealSize(width: 35, height: 21))
        for chroma in [planes.blue, planes.red] {
            #expect(
                chroma.rows.layout.size
                    == Size(width: (35 + across - 1) / across, height: (21 + down - 1) / down))
            #expect(chroma.extent == RealSize(width: 35 / Double(across), height: 21 / Double(down)))
        }
        // Samples at the left instead would be 1.4 off where two pixels share one.
        #expect(abs(try Self.bias(planes.luma) { $0.luma }) < 0.4)
        #expect(abs(try Self.bias(planes.blue) { $0.blue }) < 0.4)
        #expect(abs(try Self.bias(planes.red) { $0.red }) < 0.4)
    }

    @Test func `chroma is scaled down no further than luma`() throws {
        let planes = try Self.planes(Self.slope(quality: 85), atLeast: Size(width: 17, height: 10))
        #expect(planes.luma.extent == RealSize(width: 17.5, height: 10.5))
        #expect(planes.luma.rows.layout.size == Size(width: 18, height: 11))
        #expect(planes.blue.extent == planes.luma.extent)
        #expect(abs(try Self.bias(planes.red) { $0.red }) < 0.4)
    }

    @Test func `planes may be read in any order`() throws {
        let file = try Self.slope(quality: 85)
        func rows(_ order: [Int]) throws -> [[[UInt8]]] {
            let planes = try Self.planes(file)
            let sources = [planes.luma.rows, planes.blue.rows, planes.red.rows]
            var rows: [[[UInt8]]] = [[], [], []]
            for plane in order {
                var row = [UInt8](repeating: 0, count: sources[plane].layout.size.width)
                try sources[plane].readRow(into: &row)
                rows[plane].append(row)
            }
            return rows
        }
        let (lumas, chromas) = (Array(repeating: 0, count: 21), Array(repeating: 1, count: 11))
        let reds = Array(repeating: 2, count: 11)
        let expected = try rows(lumas + chromas + reds)
        #expect(try rows(reds + lumas + chromas) == expected)
        #expect(try rows((0..<11).flatMap { [2, 1, 0] + ($0 < 10 ? [0] : []) }) == expected)
    }

    @Test func `what is not luma and chroma has no planes`() throws {
        for file in [Fixtures.cmykJPEG, try Picture.sample(20, 20, .gray).encoded(.jpeg)] {
            let planes = try JPEGCodec.planes(of: EncodedImage(file), DecodeRequest())
            #expect(planes.map { _ in true } == nil)
        }
    }

    @Test(arguments: [(35, 21), (1, 1), (16, 16), (17, 33), (8, 2)], [80, 95])
    func `planes are written as the same picture in RGB is`(_ size: (Int, Int), _ quality: Int) throws {
        let picture = Picture(size.0, size.1, .rgba8, isOpaque: true) { x, y in
            [UInt8(40 + 5 * x), UInt8(60 + 3 * y), UInt8(230 - 4 * x), 255]
        }
        let file = try picture.encoded(.jpeg) { $0.quality = quality }
        let output = OutputOptions(format: .jpeg, quality: quality)
        let bytes = MemoryByteSink()
        var rowsDone = 0
        try JPEGCodec.encode(Self.planes(file), EncodeRequest(output), into: bytes) { rowsDone += 1 }
        #expect(rowsDone == size.1)
        // The same coefficients come out, rounded once more: hardly anything is lost.
        #expect(try Picture(decoding: bytes.bytes).similarity(to: Picture(decoding: file)) > 45)
    }
}
