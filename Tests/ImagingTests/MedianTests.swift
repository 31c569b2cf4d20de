import Imaging
import Testing

@Suite struct `The median` {
    @Test(arguments: [(3, 31, 17), (5, 20, 9), (9, 6, 4), (15, 1, 1), (3, 1, 7)], [PixelFormat.rgba8, .gray8])
    func `is the middle one of the square around each pixel`(_ sizes: (Int, Int, Int), _ format: PixelFormat) throws {
        let (side, width, height) = sizes
        let picture = Picture.noise(width, height, format, isOpaque: false)
        let result = try picture.after("median:\(side)")
        #expect(result.layout == picture.layout)
        for y in 0..<height {
            for x in 0..<width {
                for channel in 0..<picture.channels {
                    var samples: [UInt8] = []
                    for row in y - side / 2...y + side / 2 {
                        for column in x - side / 2...x + side / 2 {
                            let place = (min(max(column, 0), width - 1), min(max(row, 0), height - 1))
                            samples.append(picture[place.0, place.1][channel])
                        }
                    }
                    try #require(result[x, y][channel] == samples.sorted()[samples.count / 2])
                }
            }
        }
    }

    @Test func `keeps an opaque picture opaque`() throws {
        let result = try Picture.noise(12, 8).after("median:5")
        #expect((0..<12).allSatisfy { result[$0, 3][3] == 255 })
    }
}
