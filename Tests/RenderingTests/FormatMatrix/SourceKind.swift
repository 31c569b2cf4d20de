import Testing

/// A kind of picture file, and the picture that one of it stands for.
struct SourceKind: Sendable, CustomTestStringConvertible {
    let name: String
    let scene: Scene
    /// How far its pixels may be from the scene, decoded; 0 unless the format itself loses something.
    let tolerance: Tolerance
    let makeFile: @Sendable () throws -> [UInt8]

    init(
        _ name: String, _ scene: Scene, _ tolerance: Tolerance = .exact,
        _ makeFile: @escaping @Sendable () throws -> [UInt8]
    ) {
        (self.name, self.scene, self.tolerance, self.makeFile) = (name, scene, tolerance, makeFile)
    }

    var testDescription: String { name }

    static let all: [SourceKind] = jpeg + png + gif + webP + tiff + bmp
}
