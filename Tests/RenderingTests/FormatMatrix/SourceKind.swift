import Imaging
import Testing

/// A kind of picture file, and the picture that one of it stands for.
struct SourceKind: Sendable, CustomTestStringConvertible {
    let name: String
    let scene: Scene
    /// How far its pixels may be from the scene, decoded; 0 unless the format itself loses something.
    let tolerance: Tolerance
    /// Where it is animated, what its frames behind the first show.
    let laterScenes: [Scene]
    /// Its samples, RGBA, where they have more than 8 bits: 16 of them.
    let deepLevels: [Int]?
    let makeFile: @Sendable () throws -> [UInt8]

    init(
        _ name: String, _ scene: Scene, _ tolerance: Tolerance = .exact, laterScenes: [Scene] = [],
        deepLevels: [Int]? = nil, _ makeFile: @escaping @Sendable () throws -> [UInt8]
    ) {
        (self.name, self.scene, self.tolerance, self.makeFile) = (name, scene, tolerance, makeFile)
        (self.laterScenes, self.deepLevels) = (laterScenes, deepLevels)
    }

    /// One whose samples have more than 8 bits.
    ///
    /// - Parameters:
    ///   - samples: of the scene, so many a pixel: gray, gray and alpha, RGB or RGBA.
    ///   - makeFile: takes those of 16 bits.
    init(
        _ name: String, _ scene: Scene, deep samples: [UInt8],
        _ makeFile: @escaping @Sendable (_ wide: [Int]) throws -> [UInt8]
    ) {
        let wide = scene.wide(samples)
        let count = samples.count / Scene.size.area
        let levels = stride(from: 0, to: wide.count, by: count).flatMap { start -> [Int] in
            let pixel = Array(wide[start..<start + count])
            let color = count < 3 ? [pixel[0], pixel[0], pixel[0]] : Array(pixel[..<3])
            return color + [count.isMultiple(of: 2) ? pixel[count - 1] : 65_535]
        }
        self.init(name, scene, deepLevels: levels) { try makeFile(wide) }
    }

    var testDescription: String { name }

    static let all: [SourceKind] = jpeg + png + gif + webP + tiff + bmp
}
