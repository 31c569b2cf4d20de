import Imaging
import Testing

/// A format as a result: what it keeps, and what it loses.
struct TargetFormat: Sendable, CustomTestStringConvertible {
    let format: ImageFormat
    /// How its files begin; any byte where there is none.
    let signature: [UInt8?]
    let alpha: Alpha

    enum Alpha { case kept, allOrNothing, overWhite }

    var testDescription: String { format.rawValue }

    static let all = [
        TargetFormat(format: .jpeg, signature: [0xFF, 0xD8, 0xFF], alpha: .overWhite),
        TargetFormat(format: .png, signature: [0x89] + Array("PNG\r\n\u{1A}\n".utf8), alpha: .kept),
        TargetFormat(format: .gif, signature: Array("GIF89a".utf8), alpha: .allOrNothing),
        TargetFormat(format: .bmp, signature: Array("BM".utf8), alpha: .overWhite),
        TargetFormat(format: .tiff, signature: Array("II*\0".utf8), alpha: .kept),
        TargetFormat(
            format: .webp, signature: Array("RIFF".utf8) + [nil, nil, nil, nil] + Array("WEBP".utf8), alpha: .kept),
    ]

    /// For JPEG and WebP.
    static let quality = 90

    func isBegun(by file: [UInt8]) -> Bool {
        file.count > signature.count && zip(signature, file).allSatisfy { $0 == nil || $0 == $1 }
    }

    /// What a file of this format shows of a picture if it loses nothing else.
    func shown(_ scene: Scene) -> Scene {
        switch alpha {
        case .kept: scene
        case .allOrNothing: scene.map { $0.w < 128 ? .zero : Scene.Pixel($0.x, $0.y, $0.z, 255) }
        case .overWhite:
            scene.map { color in
                let alpha = Double(color.w) / 255
                let mixed = { (value: UInt8) in UInt8((Double(value) * alpha + 255 * (1 - alpha)).rounded()) }
                return Scene.Pixel(mixed(color.x), mixed(color.y), mixed(color.z), 255)
            }
        }
    }

    /// What else it may lose.
    func tolerance(for kind: SourceKind) -> Tolerance {
        switch format {
        case .png, .bmp, .tiff: return .exact
        case .gif:
            // 256 colours are kept as they are, one of them for what is transparent.
            if kind.tolerance.maximum == 0, shown(kind.scene).colorCount <= 256 { return .exact }
            return Tolerance(mean: 3, decibels: 38, maximum: 14)
        case .jpeg:
            // Edges ring.
            return shown(kind.scene).isSmooth
                ? Tolerance(mean: 2.6, decibels: 38, maximum: 12) : Tolerance(mean: 4, decibels: 33, maximum: 36)
        case .webp:
            // Chroma of half the size smears edges of pure colours.
            return shown(kind.scene).isSmooth
                ? Tolerance(mean: 3.2, decibels: 36.5, maximum: 13) : Tolerance(mean: 11, decibels: 20, maximum: 190)
        }
    }
}
