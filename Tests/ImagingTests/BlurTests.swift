#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif
import Imaging
import Testing

@Suite struct `Blur` {
    /// The bound that the service promises, in levels of 255; samples of 16 bits keep within the same part of full light.
    static let bound = 2.0

    @Test(arguments: [0.3, 0.5, 1, 1.9, 2, 2.5, 5, 20, 100, 250], Scene.allCases)
    func `is the exact Gaussian within 2 of 255`(_ sigma: Double, _ scene: Scene) throws {
        let picture = scene.picture
        let blurred = try picture.after("blur:\(sigma)")
        #expect(blurred.layout == picture.layout)
        #expect(exactGaussian(of: picture, sigma: sigma).largestError(of: blurred) <= Self.bound / 255 * picture.most)
    }

    @Test func `of nothing changes nothing`() throws {
        let picture = Picture.noise(20, 10)
        #expect(try picture.after("blur:0") == picture)
    }

    @Test(arguments: [0.7, 1.5, 3, 12])
    func `of 16 bits gives levels that 8 have not`(_ sigma: Double) throws {
        // From black to 1/255 of full light: all of these are one or two levels of 8 bits.
        let picture = Picture(90, 40, .gray16) { x, _ in UInt16(x < 45 ? 0 : 257).nativeBytes }
        #expect(try Set(picture.after("blur:\(sigma)").levels).count > 4)
    }

    @Test(arguments: [1.0, 6, 70], [PixelFormat.rgba8, .rgba16])
    func `leaves a plain area as it is`(_ sigma: Double, _ format: PixelFormat) throws {
        let picture = Picture(31, 17, format) { _, _ in format.bytes([3, 127, 254, .max]) }
        #expect(try picture.after("blur:\(sigma)") == picture)
    }

    @Test(arguments: [1.0, 4.2, 33])
    func `is the same mirrored before and after`(_ sigma: Double) throws {
        let picture = Picture.noise(41, 24)
        #expect(try picture.after("flop", "blur:\(sigma)") == picture.after("blur:\(sigma)", "flop"))
        #expect(try picture.after("flip", "blur:\(sigma)") == picture.after("blur:\(sigma)", "flip"))
    }

    @Test(arguments: [1, 2, 3], [1, 2, 5])
    func `works on the smallest pictures`(_ width: Int, _ height: Int) throws {
        let picture = Picture.noise(width, height)
        let blurred = try picture.after("blur:3")
        #expect(exactGaussian(of: picture, sigma: 3).largestError(of: blurred) <= Self.bound / 255 * picture.most)
    }

    /// Pictures that are hard to blur: each for another reason.
    enum Scene: CaseIterable {
        case noise, edges, dots, checkers, gray, transparent, deep, deepGray, deepTransparent

        var picture: Picture {
            switch self {
            case .noise: .noise(97, 61)
            case .edges: Picture(90, 64) { x, y in x > 40 ? [255, 0, y > 30 ? 255 : 0, 255] : [0, 255, 0, 255] }
            case .dots:
                Picture(80, 80) { x, y in
                    (x, y) == (40, 33) || (x, y) == (0, 0) ? [255, 255, 255, 255] : [0, 0, 0, 255]
                }
            case .checkers:
                Picture(75, 66) { x, y in (x / 8 + y / 8).isMultiple(of: 2) ? [255, 9, 0, 255] : [0, 250, 255, 255] }
            case .gray: .noise(64, 70, .gray8)
            case .transparent: .noise(60, 60, isOpaque: false)
            case .deep: .noise(97, 61, .rgba16)
            case .deepGray: .noise(64, 70, .gray16)
            case .deepTransparent: .noise(60, 60, .rgba16, isOpaque: false)
            }
        }
    }
}

/// A picture in double precision.
private struct Exact {
    var size: Size
    var channels: Int
    var values: [Double]
    /// What full light is.
    var most: Double

    /// The largest distance, where alpha is too small to tell colours apart not counting those.
    func largestError(of picture: Picture) -> Double {
        var largest = 0.0
        for (index, (exact, level)) in zip(values, picture.levels).enumerated() {
            // A colour under an alpha of a few levels is rounded with it: compare what shows.
            let alpha = channels == 4 ? min(values[index | 3], most) / most : 1
            let weight = channels == 4 && index & 3 != 3 ? alpha : 1
            largest = max(largest, abs(exact - Double(level)) * weight)
        }
        return largest
    }
}

/// The convolution with a sampled and normalised Gaussian out to 6 σ, pixels at the edge repeated, colours weighed by
/// alpha.
private func exactGaussian(of picture: Picture, sigma: Double) -> Exact {
    let channels = picture.channels
    var values = picture.levels.map(Double.init)
    if channels == 4 {
        for index in stride(from: 0, to: values.count, by: 4) {
            for channel in 0..<3 { values[index + channel] *= values[index + 3] / picture.most }
        }
    }
    let radius = Int((6 * sigma).rounded(.up))
    let kernel = (-radius...radius).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
    let sum = kernel.reduce(0, +)
    let (width, height) = (picture.size.width, picture.size.height)
    func pass(_ values: [Double], count: Int, step: Int, starts: [Int]) -> [Double] {
        var result = values
        for start in starts {
            for place in 0..<count {
                var total = 0.0
                for offset in -radius...radius {
                    total += kernel[offset + radius] * values[start + min(max(place + offset, 0), count - 1) * step]
                }
                result[start + place * step] = total / sum
            }
        }
        return result
    }
    values = pass(
        values, count: width, step: channels,
        starts: (0..<height).flatMap { y in (0..<channels).map { y * width * channels + $0 } })
    values = pass(values, count: height, step: width * channels, starts: Array(0..<width * channels))
    if channels == 4 {
        for index in stride(from: 0, to: values.count, by: 4) where values[index + 3] > 0 {
            for channel in 0..<3 { values[index + channel] *= picture.most / values[index + 3] }
        }
    }
    return Exact(size: picture.size, channels: channels, values: values, most: picture.most)
}
