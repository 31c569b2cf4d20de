import Imaging
import TestPictures

extension SourceKind {
    /// At quality 95; chroma is of half the size, and luma has 219 levels.
    private static let lossy = Tolerance(mean: 1.5, decibels: 43, maximum: 9)

    static let webP: [SourceKind] = [
        SourceKind("WebP, lossless", .slope) { TestWebP.lossless(Scene.width, Scene.height, Scene.slope.rgba) },
        SourceKind("WebP, lossless with alpha", .veil) {
            TestWebP.lossless(Scene.width, Scene.height, Scene.veil.rgba)
        },
        SourceKind("WebP, lossless with a palette", Scene(Scene.indices(16)) { Ramp(count: 16)($0) }) {
            TestWebP.lossless(
                Scene.width, Scene.height, Scene(Scene.indices(16)) { Ramp(count: 16)($0) }.rgba)
        },
        SourceKind("WebP, lossy", .slope, lossy) { TestWebP.lossy(Scene.width, Scene.height, Scene.slope.rgba) },
        SourceKind("WebP, lossy with alpha", .veil, lossy) {
            TestWebP.lossy(Scene.width, Scene.height, Scene.veil.rgba)
        },
        SourceKind("WebP, animated", .slope, laterScenes: [.mirrored, .veil]) {
            TestWebP.animation(Scene.width, Scene.height, [Scene.slope, .mirrored, .veil].map(\.rgba))
        },
        SourceKind("WebP by ourselves", .slope, lossy) {
            try SourceFile.make(.webp, Scene.width, Scene.height) { x, y in Scene.slope.samples(x, y) }
        },
    ]
}
