import Imaging
import Testing

@Suite struct `A watermark` {
    /// The expected pixel in 0…255 a channel, by Porter and Duff's "over" on premultiplied samples.
    private static func over(_ mark: [UInt8], _ under: [UInt8], _ opacity: Double) -> [Double] {
        let (alpha, beta) = (Double(mark[3]) / 255 * opacity, Double(under[3]) / 255)
        let gamma = alpha + beta * (1 - alpha)
        guard gamma > 0 else { return under.map(Double.init) }
        let colors = (0..<3).map { channel in
            let premultiplied = Double(mark[channel]) * alpha + Double(under[channel]) * beta * (1 - alpha)
            return premultiplied / gamma
        }
        return colors + [gamma * 255]
    }

    /// Half a level for rounding, and a hair for the arithmetic of 24 bits.
    private static let tolerance = 0.501

    private static func isNear(_ pixel: [UInt8], _ expected: [Double]) -> Bool {
        zip(pixel, expected).allSatisfy { abs(Double($0) - $1) <= tolerance }
    }

    /// 21×15 with 5×3 in it, 2 pixels from the edges.
    @Test(arguments: [
        ("top_left", 2, 2), ("top", 8, 2), ("top_right", 14, 2), ("left", 2, 6), ("center", 8, 6), ("right", 14, 6),
        ("bottom_left", 2, 10), ("bottom", 8, 10), ("bottom_right", 14, 10),
    ])
    func `lies where it should, and touches nothing else`(_ position: String, _ left: Int, _ top: Int) throws {
        let picture = Picture.noise(21, 15)
        let mark = Picture.noise(5, 3, seed: 2)
        let marked = try picture.marked(with: mark, "position=\(position):margin=2")
        for y in 0..<15 {
            for x in 0..<21 {
                let isInside = (left..<left + 5).contains(x) && (top..<top + 3).contains(y)
                #expect(marked[x, y] == (isInside ? mark[x - left, y - top] : picture[x, y]))
            }
        }
    }

    @Test func `lies at the lower right as it is, where nothing else is said`() throws {
        let (picture, mark) = (Picture.noise(9, 9), Picture.noise(4, 2, seed: 2))
        let marked = try picture.marked(with: mark)
        #expect(marked[5, 7] == mark[0, 0] && marked[8, 8] == mark[3, 1] && marked[4, 7] == picture[4, 7])
    }

    @Test(arguments: [0, 0.25, 0.5, 1], [true, false])
    func `is mixed in by "over"`(_ opacity: Double, _ isOpaque: Bool) throws {
        let picture = Picture.noise(40, 30, isOpaque: isOpaque)
        let mark = Picture.noise(40, 30, isOpaque: false, seed: 2)
        let marked = try picture.marked(with: mark, "opacity=\(opacity)")
        #expect(marked.layout == picture.layout)
        for y in 0..<30 {
            for x in 0..<40 {
                let expected = Self.over(mark[x, y], picture[x, y], opacity)
                #expect(Self.isNear(marked[x, y], expected), "\(marked[x, y]) for \(expected) at \(x), \(y)")
            }
        }
    }

    /// Under, over, opacity, result: worked out by hand.
    private static let known: [(under: [UInt8], over: [UInt8], opacity: Double, result: [UInt8])] = [
        ([100, 100, 100, 255], [200, 0, 100, 255], 0.5, [150, 50, 100, 255]),
        ([100, 100, 100, 0], [200, 0, 100, 51], 1, [200, 0, 100, 51]),
        ([100, 0, 0, 255], [200, 0, 0, 51], 1, [120, 0, 0, 255]),
        ([0, 0, 0, 51], [255, 255, 255, 51], 1, [142, 142, 142, 92]),
        ([7, 8, 9, 0], [1, 2, 3, 0], 1, [7, 8, 9, 0]), ([7, 8, 9, 0], [1, 2, 3, 255], 0, [7, 8, 9, 0]),
    ]

    @Test(arguments: known)
    func `gives known pixels`(_ under: [UInt8], _ over: [UInt8], _ opacity: Double, _ expected: [UInt8]) throws {
        let picture = Picture(1, 1, isOpaque: under[3] == 255) { _, _ in under }
        let mark = Picture(1, 1, isOpaque: false) { _, _ in over }
        #expect(try picture.marked(with: mark, "opacity=\(opacity)").bytes == expected)
    }

    @Test func `leaves a gray picture gray where it is gray, and else gives it colours`() throws {
        let picture = Picture.noise(12, 12, .gray8)
        let grayMark = Picture(12, 12, isOpaque: false) { x, y in
            let level = UInt8(x * 20)
            return [level, level, level, UInt8(y * 22)]
        }
        let gray = try picture.marked(with: grayMark, "opacity=0.7", isGray: true)
        let colored = try picture.marked(with: grayMark, "opacity=0.7")
        #expect(gray.layout == picture.layout && colored.layout.format == .rgba8 && colored.layout.isOpaque)
        for y in 0..<12 {
            for x in 0..<12 {
                let level = picture[x, y][0]
                let expected = Self.over(grayMark[x, y], [level, level, level, 255], 0.7)
                #expect(Self.isNear(gray[x, y], expected) && Self.isNear(colored[x, y], expected))
            }
        }
    }

    /// 5×3 with gaps of 1, one of them where the position says.
    @Test(arguments: [("top_left", 1, 1), ("center", 9, 6), ("bottom_right", 17, 11)])
    func `is repeated all over the picture`(_ position: String, _ left: Int, _ top: Int) throws {
        let (picture, mark) = (Picture.noise(23, 15), Picture.noise(5, 3, seed: 2))
        let marked = try picture.marked(with: mark, "tiled=true:margin=1:position=\(position)")
        for y in 0..<15 {
            for x in 0..<23 {
                // Far enough to the left and above that nothing is negative.
                let (column, row) = ((x - left + 600) % 6, (y - top + 400) % 4)
                #expect(marked[x, y] == (column < 5 && row < 3 ? mark[column, row] : picture[x, y]), "\(x), \(y)")
            }
        }
    }

    @Test(arguments: [
        // Its own size, where there is room; else as large as there is room.
        ("", 40, 20, 40, 20), ("", 200, 20, 100, 10), ("", 200, 100, 100, 50), ("", 10, 120, 7, 80),
        ("margin=10", 200, 20, 80, 8), ("margin=5000", 40, 20, 2, 1),
        // A part of the picture's width, smaller and larger than it is.
        ("scale=0.25", 400, 200, 25, 13), ("scale=0.5", 4, 2, 50, 25), ("scale=1", 10, 40, 20, 80),
        ("scale=1:margin=10", 50, 5, 80, 8),
        // However thin it gets, something of it shows.
        ("scale=0.01", 400, 2, 1, 1), ("", 4000, 2, 100, 1), ("scale=0.02", 1, 900, 1, 80),
    ])
    func `has a size within the picture's`(
        _ parameters: String, _ width: Int, _ height: Int, _ wantedWidth: Int, _ wantedHeight: Int
    ) throws {
        let size = try Self.operation(parameters)
            .size(of: Size(width: width, height: height), in: Size(width: 100, height: 80))
        #expect(size == Size(width: wantedWidth, height: wantedHeight))
    }

    @Test func `fits on any picture, however small and with any margin`() throws {
        for (width, height) in [(1, 1), (1, 9), (2, 3), (7, 2)] {
            for margin in [0, 1, 2, 3, 900] {
                for tiled in [false, true] {
                    let picture = Picture.noise(width, height)
                    let step = "margin=\(margin):tiled=\(tiled)"
                    let size = try Self.operation(step).size(of: Size(width: 50, height: 40), in: picture.size)
                    #expect(size.width <= width && size.height <= height)
                    let mark = Picture(size.width, size.height) { _, _ in [1, 2, 3, 255] }
                    let marked = try picture.marked(with: mark, step)
                    #expect(marked.bytes.chunks(of: 4).contains([1, 2, 3, 255]))
                }
            }
        }
    }

    @Test func `is made of its file when a row needs it, and once`() throws {
        let picture = Picture.noise(10, 8)
        var count = 0
        let source = try Self.operation("").stage(
            reading: PictureRows(picture), of: picture.size,
            with: SecondPicture(size: Size(width: 10, height: 4), isGray: false) {
                count += 1
                return [UInt8](repeating: 0, count: 160)
            })
        var row = [UInt8](repeating: 0, count: 40)
        for y in 0..<8 {
            try source.readRow(into: &row)
            #expect(count == (y < 4 ? 0 : 1))
        }
    }

    @Test func `is written as a step, and read`() throws {
        let id = "01989c6f-5d3a-7c1e-9b52-0f4d6a8e2b71"
        let plan = try PlanRequest([
            "transformations": .string("watermark:file_id=\(id):position=top_left:opacity=0.5,watermark:\(id)")
        ]).plan()
        #expect(plan.files.map(\.name) == [id, id] && plan.files.map(\.parameter) == ["file_id", "file_id"])
        let values = plan.steps.map(\.arguments.values)
        #expect(values[0]["position"] == "top_left" && values[0]["opacity"] == 0.5)
        #expect(values[1]["position"] == "bottom_right" && values[1]["opacity"] == 1 && values[1]["tiled"] == false)
        #expect(try Plan(json: plan.json).json == plan.json)
        #expect(try PlanRequest(["transformations": "blur,flip"]).plan().files.isEmpty)
    }

    @Test(arguments: [
        ("", "file_id"), ("opacity=1", "file_id"), ("../etc/passwd", "file_id"), ("file_id=a b", "file_id"),
        ("file_id=a=b", "file_id"), ("a:smart", "position"), ("a:north", "position"), ("a:opacity=1.5", "opacity"),
        ("a:opacity=-1", "opacity"), ("a:scale=0.009", "scale"), ("a:scale=2", "scale"), ("a:margin=-1", "margin"),
        ("a:margin=1.5", "margin"), ("a:tiled=perhaps", "tiled"),
    ])
    func `of what is out of range is refused`(_ parameters: String, _ name: String) throws {
        let error = try #require(throws: PlanError.self) { try Plan.Step(text: "watermark:\(parameters)") }
        #expect(error.parameter == name)
    }

    @Test func `means the same under any name, if it is the same`() throws {
        func meaning(_ step: String, _ contents: [String: String]) throws -> JSONValue {
            try PlanRequest(["transformations": .string(step)]).plan().meaning(withFiles: contents)
        }
        let contents = ["a": "1", "b": "1", "c": "2"]
        #expect(try meaning("watermark:a", contents) == meaning("watermark:b", contents))
        #expect(try meaning("watermark:a", contents) != meaning("watermark:c", contents))
        #expect(try meaning("watermark:a", contents) != meaning("watermark:a:opacity=0.5", contents))
    }

    static func operation(_ parameters: String) throws -> any ComposingOperation {
        let text = "watermark:file_id=mark" + (parameters.isEmpty ? "" : ":" + parameters)
        return try #require(Plan.Step(text: text).element as? any ComposingOperation)
    }
}

extension Picture {
    /// The picture with a mark over it, which has the size that the watermark wants.
    fileprivate func marked(with mark: Picture, _ parameters: String = "", isGray: Bool = false) throws -> Picture {
        let operation = try `A watermark`.operation(parameters)
        try #require(operation.size(of: mark.size, in: size) == mark.size)
        let second = SecondPicture(size: mark.size, isGray: isGray) { mark.bytes }
        return try Picture(reading: operation.stage(reading: PictureRows(self), of: size, with: second))
    }
}

extension [UInt8] {
    fileprivate func chunks(of count: Int) -> [[UInt8]] {
        stride(from: 0, to: self.count, by: count).map { Array(self[$0..<$0 + count]) }
    }
}
