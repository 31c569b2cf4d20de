import Imaging
import TestPictures

extension SourceKind {
    private static let indices = Scene.indices(4)

    private static let four = Scene(indices, color)

    static let gif: [SourceKind] = [
        SourceKind("GIF 87a", four) { gifFile { $0.version = "87a" } },
        SourceKind("GIF 89a", four) { gifFile() },
        SourceKind("GIF, interlaced", four) { gifFile { $0.isInterlaced = true } },
        SourceKind("GIF, a palette of its frame", four) { gifFile { $0.usesLocalPalette = true } },
        SourceKind("GIF, one colour transparent", Scene(indices) { $0 == 2 ? .zero : color($0) }) {
            gifFile { $0.transparentIndex = 2 }
        },
        SourceKind(
            "GIF, a frame that is smaller than its canvas",
            Scene { x, y in
                (3..<Scene.width - 4).contains(x) && (2..<Scene.height - 1).contains(y) ? four[x, y] : .zero
            }
        ) {
            let (width, height) = (Scene.width - 7, Scene.height - 3)
            var file = TestGIF(
                width, height,
                indices: (0..<width * height).map { i in indices[(i / width + 2) * Scene.width + i % width + 3] })
            (file.left, file.top) = (3, 2)
            file.canvas = (Scene.width, Scene.height)
            return file.bytes
        },
        SourceKind("GIF, animated", four, laterScenes: [Scene(turned(1), color), Scene(turned(2), color)]) {
            TestGIF.animation(
                (0...2).map { step in
                    var frame = TestGIF(Scene.width, Scene.height, indices: turned(step))
                    frame.delay = 10
                    return frame
                })
        },
        SourceKind("GIF by ourselves", Scene(Scene.indices(256)) { Ramp(count: 256)($0) }) {
            let scene = Scene(Scene.indices(256)) { Ramp(count: 256)($0) }
            return try SourceFile.make(.gif, Scene.width, Scene.height) { x, y in scene.samples(x, y) }
        },
    ]

    private static func color(_ index: Int) -> Scene.Pixel {
        let i = index * 3
        return Scene.Pixel(TestGIF.palette[i], TestGIF.palette[i + 1], TestGIF.palette[i + 2], 255)
    }

    /// Every colour becomes the one that comes so many behind it.
    private static func turned(_ step: Int) -> [Int] { indices.map { ($0 + step) % 4 } }

    private static func gifFile(_ change: (inout TestGIF) -> Void = { _ in }) -> [UInt8] {
        var file = TestGIF(Scene.width, Scene.height, indices: indices)
        change(&file)
        return file.bytes
    }
}
