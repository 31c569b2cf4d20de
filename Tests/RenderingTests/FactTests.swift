import Codecs
import Foundation
import Imaging
import Rendering
import Testing

/// What a plan asks of a picture.
@Suite struct `A fact of a picture` {
    private func facts(_ source: [UInt8], _ steps: [JSONValue]) throws -> [String: String] {
        let plan = try PlanRequest(["operations": .array(steps), "format": "png"]).plan()
        let output = try Renderer().render(
            EncodedImage(source), by: plan, into: MemoryByteSink(), checkpoint: { _ in })
        return Dictionary(uniqueKeysWithValues: output.facts.map { ($0.name, $0.value) })
    }

    @Test(arguments: [ImageFormat.png, .jpeg, .webp])
    func `is the colour that most of it has`(_ format: ImageFormat) throws {
        // Three fifths are one colour, right between two levels of a histogram; the rest is two others.
        let source = try SourceFile.make(format, 160, 120) { x, _ in
            x < 96 ? [UInt8(95 + x % 2), 160, 31, 255] : x < 128 ? [250, 250, 250, 255] : [10, 10, 10, 255]
        }
        let found = try #require(try facts(source, ["dominant_color"])["dominant_color"])
        let color = try #require(Color(found))
        #expect(abs(Int(color.red) - 96) <= 3 && abs(Int(color.green) - 160) <= 3 && abs(Int(color.blue) - 31) <= 3)
    }

    @Test func `does not count what is not to be seen`() throws {
        let source = try SourceFile.make(.png, 50, 50, isOpaque: false) { x, y in
            x < 40 ? [255, 0, 0, 0] : [0, 0, 200, 255]
        }
        #expect(try facts(source, ["dominant_color"])["dominant_color"] == "#0000c8")
        let nothing = try SourceFile.make(.png, 5, 5, isOpaque: false) { _, _ in [9, 9, 9, 0] }
        #expect(try facts(nothing, ["dominant_color"])["dominant_color"] == "#ffffff")
    }

    @Test func `is a BlurHash that gives the picture back, blurred`() throws {
        let source = try SourceFile.make(.png, 64, 48) { x, y in
            [UInt8(x * 255 / 63), UInt8(y * 255 / 47), 90, 255]
        }
        let hash = try #require(try facts(source, [["type": "blurhash", "x": 5, "y": 4]])["blurhash"])
        // Algorithm.md: one character for the size, one for the scale, four for the mean, two for each component else.
        #expect(hash.count == 1 + 1 + 4 + 2 * (5 * 4 - 1))
        let drawn = try DrawnBlurHash(hash)
        #expect(drawn.columns == 5 && drawn.rows == 4)
        for (x, y) in [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75), (0.5, 0.5)] {
            let color = drawn.color(x, y)
            // So few waves come near a ramp, but not to it.
            #expect(abs(color[0] - x * 255) < 22 && abs(color[1] - y * 255) < 22 && abs(color[2] - 90) < 10, "\(color)")
        }
    }

    @Test func `is of the picture as the steps before it leave it, and changes nothing`() throws {
        let source = try SourceFile.make(.png, 40, 30) { x, _ in x < 20 ? [200, 0, 0, 255] : [0, 0, 200, 255] }
        let steps: [JSONValue] = [
            ["type": "crop", "x": 25, "width": 10, "height": 10], "dominant_color", "blurhash:1x1",
        ]
        let found = try facts(source, steps)
        #expect(found["dominant_color"] == "#0000c8")
        let mean = try DrawnBlurHash(try #require(found["blurhash"])).color(0.5, 0.5)
        #expect(abs(mean[0]) < 1 && abs(mean[2] - 200) < 1)
        // Asked for twice, it is told once: as it is the last time.
        let twice = try facts(source, ["dominant_color"] + [steps[0], "dominant_color"])
        #expect(twice == ["dominant_color": "#0000c8"])
        let plain = try Renderer().file(source, ["crop:25:0:10x10"], output: ["format": "png"])
        let asked = try Renderer().file(
            source, ["crop:25:0:10x10", "blurhash", "dominant_color"], output: ["format": "png"])
        #expect(plain == asked)
    }
}

/// A BlurHash as a client draws it (woltapp/blurhash, "Algorithm.md").
private struct DrawnBlurHash {
    let columns, rows: Int
    private var components: [SIMD3<Double>] = []

    init(_ hash: String) throws {
        let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~")
        let digits = try hash.map { try #require(alphabet.firstIndex(of: $0)) }
        func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 83 + $1 } }
        columns = digits[0] % 9 + 1
        rows = digits[0] / 9 + 1
        let scale = Double(digits[1] + 1) / 166
        let mean = number(2..<6)
        components.append(
            SIMD3(Self.linear(mean >> 16), Self.linear(mean >> 8 & 255), Self.linear(mean & 255)))
        for index in 1..<max(1, columns * rows) {
            let value = number(4 + index * 2..<6 + index * 2)
            let levels = [value / 361, value / 19 % 19, value % 19].map { (Double($0) - 9) / 9 }
            let parts = levels.map { ($0 < 0 ? -1 : 1) * $0 * $0 * scale }
            components.append(SIMD3(parts[0], parts[1], parts[2]))
        }
    }

    /// - Parameters:
    ///   - x: 0…1, as y.
    /// - Returns: levels of 0…255.
    func color(_ x: Double, _ y: Double) -> SIMD3<Double> {
        var sum = SIMD3<Double>.zero
        for row in 0..<rows {
            for column in 0..<columns {
                let wave: Double = cos(Double.pi * x * Double(column)) * cos(Double.pi * y * Double(row))
                sum += components[row * columns + column] * wave
            }
        }
        return SIMD3(Self.level(sum[0]), Self.level(sum[1]), Self.level(sum[2]))
    }

    private static func linear(_ level: Int) -> Double {
        let value = Double(level) / 255
        return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }

    private static func level(_ value: Double) -> Double {
        let value = min(max(value, 0), 1)
        return 255 * (value <= 0.0031308 ? value * 12.92 : 1.055 * pow(value, 1 / 2.4) - 0.055)
    }
}
