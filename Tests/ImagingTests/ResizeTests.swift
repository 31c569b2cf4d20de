#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

import Testing

@testable import Imaging

@Suite struct `Resize` {
    @Test(arguments: [
        ("resize:50x40:fit=fill", 50, 40), ("resize:50x40", 50, 40), ("resize:50x40:fit=contain", 50, 40),
        ("resize:50x40:fit=inside", 50, 38), ("resize:50x40:fit=outside", 53, 40), ("resize:50x", 50, 38),
        ("resize:x30", 40, 30), ("resize:1x1", 1, 1), ("resize:1x", 1, 1),
        ("resize:400x:enlarge=false", 200, 150), ("resize:400x300:fit=inside:enlarge=false", 200, 150),
        ("resize:400x100:enlarge=false", 200, 100), ("resize:400x100:fit=fill:enlarge=false", 200, 100),
        ("resize:400x600:fit=outside:enlarge=false", 200, 150), ("thumbnail:80", 80, 60), ("thumbnail", 200, 150),
        ("thumbnail:9000", 200, 150),
    ])
    func `brings a picture of 200×150 to the size asked for`(_ step: String, _ width: Int, _ height: Int) throws {
        let operation = try #require(Plan.Step(text: step).element as? any Operation)
        #expect(try operation.outputSize(of: Size(width: 200, height: 150)) == Size(width: width, height: height))
        let picture = try Picture.noise(200, 150).after(step)
        #expect(picture.size == Size(width: width, height: height))
    }

    @Test(arguments: [
        ("resize:37x29:fit=fill", PixelFormat.rgba8), ("resize:37x29:fit=fill", .gray8), ("resize:9x", .rgba8),
        ("resize:200x160:fit=fill", .rgba8), ("resize:201x67:fit=fill", .gray8), ("resize:x1", .rgba8),
        ("resize:37x29:fit=fill", .rgba16), ("resize:37x29:fit=fill", .gray16), ("resize:9x", .rgba16),
        ("resize:200x160:fit=fill", .rgba16), ("resize:201x67:fit=fill", .gray16), ("resize:x1", .rgba16),
    ])
    func `is Lanczos-3 within one level of 255, or of 65535`(_ step: String, _ format: PixelFormat) throws {
        let picture = Picture.noise(97, 61, format)
        let resized = try picture.after(step)
        let exact = exactLanczos(of: picture, to: resized.size)
        #expect(resized.layout == RowLayout(size: resized.size, format: format, isOpaque: true))
        #expect(zip(exact, resized.levels).allSatisfy { abs($0 - Double($1)) <= 1 })
    }

    @Test(
        arguments: ["resize:40x30", "resize:200x", "resize:31x77:fit=fill", "resize:90x20"],
        [PixelFormat.rgba8, .gray8])
    func `is the same mirrored before and after`(_ step: String, _ format: PixelFormat) throws {
        for picture in [Picture.noise(101, 58, format), .noise(5, 4, format), .noise(2, 1, format)] {
            #expect(try picture.after("flop", step) == picture.after(step, "flop"))
            #expect(try picture.after("flip", step) == picture.after(step, "flip"))
        }
    }

    @Test(arguments: [(33, 20), (7, 7), (4, 4), (2, 1), (1, 1)])
    func `to its own size changes nothing`(_ width: Int, _ height: Int) throws {
        let picture = Picture.noise(width, height)
        #expect(try picture.after("resize:\(width)x\(height)") == picture)
    }

    @Test(arguments: ["resize:7x5:fit=fill", "resize:100x90:fit=fill"], [PixelFormat.rgba8, .rgba16])
    func `leaves a plain area as it is`(_ step: String, _ format: PixelFormat) throws {
        for isOpaque in [true, false] {
            let pixel = format.bytes([1, 128, 254, isOpaque ? .max : 200])
            let resized = try Picture(40, 30, format, isOpaque: isOpaque) { _, _ in pixel }.after(step)
            #expect(resized.bytes.chunks(of: pixel.count).allSatisfy { $0 == pixel })
        }
    }

    @Test func `cover keeps the middle`() throws {
        // Thirds of red, green and blue; a square out of the middle is green.
        let picture = Picture(90, 30) { x, _ in
            [x < 30 ? 255 : 0, (30..<60).contains(x) ? 255 : 0, x >= 60 ? 255 : 0, 255]
        }
        let covered = try picture.after("resize:10x10")
        #expect(covered[5, 5] == [0, 255, 0, 255])
        #expect(covered[0, 5][1] > 200 && covered[9, 5][1] > 200)
    }

    @Test(arguments: [PixelFormat.rgba8, .gray8])
    func `contain pads with transparency`(_ format: PixelFormat) throws {
        let picture = Picture(20, 10, format) { _, _ in [200, 200, 200, 255] }
        let padded = try picture.after("resize:20x20:fit=contain")
        #expect(!padded.layout.isOpaque)
        #expect(padded[3, 4] == [0, 0, 0, 0])
        #expect(padded[3, 5] == [200, 200, 200, 255])
        #expect(padded[3, 14] == [200, 200, 200, 255])
        #expect(padded[3, 15] == [0, 0, 0, 0])
    }

    @Test(arguments: [PixelFormat.rgba8, .rgba16])
    func `lets transparent pixels keep their colour to themselves`(_ format: PixelFormat) throws {
        // Half opaque red, half invisible green: where they mix, the colour is still red.
        let picture = Picture(40, 40, format, isOpaque: false) { x, _ in
            format.bytes(x < 20 ? [.max, 0, 0, .max] : [0, .max, 0, 0])
        }
        let resized = try picture.after("resize:13x13")
        let most = Int(picture.most)
        for x in 0..<13 where resized.levels(x, 6)[3] > 0 { #expect(resized.levels(x, 6).prefix(3) == [most, 0, 0]) }
        #expect(resized.levels(0, 6)[3] == most && resized.levels(12, 6)[3] == 0)
    }

    @Test func `of a picture shrunk by eighths covers what the full one does`() throws {
        // 101 × 3/8 are 37.875 columns, rounded up to 38.
        let layout = RowLayout(size: Size(width: 38, height: 30), format: .rgba8, isOpaque: true)
        #expect(layout.content(of: Size(width: 101, height: 80)) == RealSize(width: 37.875, height: 30))
        #expect(layout.content(of: layout.size) == layout.size.real)
    }

    @Test func `needs no row above or below what it keeps`() throws {
        let source = PictureRows(.noise(30, 300))
        let step = try #require(Plan.Step(text: "resize:30x20").element as? any Operation)
        let stage = try step.stage(reading: source, of: source.layout.size)
        _ = try Picture(reading: stage)
        #expect(source.rowsRead < 170)
    }

    @Test(arguments: [
        ("resize:100x", 400, 300, 100, 75), ("resize:100x100", 400, 300, 134, 100), ("resize:800x", 400, 300, 400, 300),
        ("thumbnail:30", 400, 300, 30, 23), ("resize:100x100:fit=fill", 400, 300, 100, 100),
    ])
    func `says how small its input may be`(
        _ step: String, _ width: Int, _ height: Int, _ leastWidth: Int, _ leastHeight: Int
    ) throws {
        let operation = try #require(Plan.Step(text: step).element as? any Operation)
        #expect(
            operation.leastInput(for: Size(width: width, height: height), leaving: nil)
                == Size(width: leastWidth, height: leastHeight))
    }
}

/// Lanczos-3 in double precision, straight from its definition: pixel centres aligned, the kernel widened by the scale where
/// it shrinks, cut off at the edges and normalised; clamped once, at the end.
private func exactLanczos(of picture: Picture, to size: Size) -> [Double] {
    func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(.pi * x) / (.pi * x) }
    func kernel(_ x: Double) -> Double { abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0 }
    func weights(_ output: Int, _ from: Int, _ to: Int) -> [(Int, Double)] {
        let step = Double(from) / Double(to)
        let scale = max(step, 1)
        let center = (Double(output) + 0.5) * step
        let taps = (0..<from).map { ($0, kernel((Double($0) + 0.5 - center) / scale)) }.filter { $0.1 != 0 }
        let sum = taps.reduce(0) { $0 + $1.1 }
        return taps.map { ($0.0, $0.1 / sum) }
    }
    let channels = picture.channels
    let (width, levels) = (picture.size.width, picture.levels)
    let columns = (0..<size.width).map { weights($0, width, size.width) }
    let rows = (0..<size.height).map { weights($0, picture.size.height, size.height) }
    var narrow: [Double] = []
    for y in 0..<picture.size.height {
        for column in columns {
            for channel in 0..<channels {
                narrow.append(
                    column.reduce(0) { $0 + $1.1 * Double(levels[(y * width + $1.0) * channels + channel]) })
            }
        }
    }
    let stride = size.width * channels
    var result: [Double] = []
    for row in rows {
        for place in 0..<stride {
            let value = row.reduce(0) { $0 + $1.1 * narrow[$1.0 * stride + place] }
            result.append(min(max(value, 0), picture.most))
        }
    }
    return result
}

extension Array {
    fileprivate func chunks(of count: Int) -> [[Element]] {
        stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
    }
}
