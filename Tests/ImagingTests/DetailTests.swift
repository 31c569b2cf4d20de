import Imaging
import Testing

@Suite struct `Sharpen and pixelate` {
    @Test(arguments: [0, 0.5, 1, 2, 3.7, 10], PixelFormat.all)
    func `sharpen moves away from the mean of the surroundings`(_ intensity: Double, _ format: PixelFormat) throws {
        let picture = Picture.noise(43, 21, format)
        let sharpened = try picture.after("sharpen:\(intensity)")
        for y in 1..<20 {
            for x in 1..<42 {
                for channel in 0..<(format.channels == .rgba ? 3 : 1) {
                    var smooth = 4 * Double(picture.levels(x, y)[channel])
                    for row in y - 1...y + 1 {
                        for column in x - 1...x + 1 { smooth += Double(picture.levels(column, row)[channel]) }
                    }
                    smooth /= 13
                    let exact = smooth + (Double(picture.levels(x, y)[channel]) - smooth) * intensity
                    #expect(abs(min(max(exact, 0), picture.most) - Double(sharpened.levels(x, y)[channel])) <= 0.6)
                }
            }
        }
    }

    @Test(arguments: [(43, 21), (1, 1), (2, 5), (5, 2), (3, 3)], [PixelFormat.rgba8, .rgba16])
    func `sharpen copies the border and alpha`(_ size: (width: Int, height: Int), _ format: PixelFormat) throws {
        let (width, height) = size
        let picture = Picture.noise(width, height, format, isOpaque: false)
        let sharpened = try picture.after("sharpen:4")
        for y in 0..<height {
            for x in 0..<width {
                let isBorder = x == 0 || y == 0 || x == width - 1 || y == height - 1
                #expect(
                    isBorder ? sharpened[x, y] == picture[x, y] : sharpened.levels(x, y)[3] == picture.levels(x, y)[3])
            }
        }
    }

    @Test(arguments: [1, 3, 10, 1000], PixelFormat.all)
    func `pixelate gives each square its mean`(_ side: Int, _ format: PixelFormat) throws {
        let picture = Picture.noise(37, 22, format)
        let mosaic = try picture.after("pixelate:\(side)")
        for y in stride(from: 0, to: 22, by: side) {
            for x in stride(from: 0, to: 37, by: side) {
                let (columns, rows) = (x..<min(x + side, 37), y..<min(y + side, 22))
                let values = rows.flatMap { row in columns.map { Double(picture.levels($0, row)[0]) } }
                let mean = values.reduce(0, +) / Double(values.count)
                #expect(abs(Double(mosaic.levels(x, y)[0]) - mean) <= 0.5)
                for row in rows { for column in columns { #expect(mosaic[column, row] == mosaic[x, y]) } }
            }
        }
    }

    @Test func `pixelate weighs colours by their alpha`() throws {
        let picture = Picture(2, 1, isOpaque: false) { x, _ in x == 0 ? [200, 100, 0, 255] : [0, 0, 255, 0] }
        #expect(try picture.after("pixelate:2")[0, 0] == [200, 100, 0, 128])
        let deep = Picture(2, 1, .rgba16, isOpaque: false) { x, _ in
            PixelFormat.rgba16.bytes(x == 0 ? [50_001, 300, 0, .max] : [0, 0, .max, 0])
        }
        #expect(try deep.after("pixelate:2").levels(0, 0) == [50_001, 300, 0, 32_768])
    }
}
