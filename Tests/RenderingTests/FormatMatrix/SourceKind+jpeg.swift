import Imaging
import TestPictures

extension SourceKind {
    /// At quality 95. Chroma of half the size smears what pixels share.
    private static let shared = Tolerance(mean: 1, decibels: 46, maximum: 8)
    private static let own = Tolerance(mean: 0.8, decibels: 48, maximum: 5)

    static let jpeg: [SourceKind] = [
        SourceKind("JPEG 4:4:4", .slope, own) { slope().bytes },
        SourceKind("JPEG 4:2:2", .slope, shared) { slope { $0.chroma = (2, 1) }.bytes },
        SourceKind("JPEG 4:2:0", .slope, shared) { slope { $0.chroma = (2, 2) }.bytes },
        SourceKind("JPEG 4:4:0", .slope, shared) { slope { $0.chroma = (1, 2) }.bytes },
        SourceKind("JPEG, progressive", .slope, own) { slope { $0.isProgressive = true }.bytes },
        SourceKind("JPEG, restart markers", .slope, shared) {
            slope {
                $0.chroma = (2, 2)
                $0.restartInterval = 1
            }.bytes
        },
        SourceKind("JPEG, gray", .gray, own) {
            TestJPEG(Scene.width, Scene.height, .gray, samples: Scene.gray.red).bytes
        },
        SourceKind("JPEG, progressive gray", .gray, own) {
            var file = TestJPEG(Scene.width, Scene.height, .gray, samples: Scene.gray.red)
            file.isProgressive = true
            return file.bytes
        },
        // Black lets 240 / 255 through.
        SourceKind("JPEG, inks with Adobe's marker", .slope, own) {
            let inks = Scene.slope.bytes { color in
                [color.x, color.y, color.z].map { UInt8((Double($0) * 255 / 240).rounded()) } + [240]
            }
            return TestJPEG(Scene.width, Scene.height, .cmyk, samples: inks).bytes
        },
        SourceKind("JPEG that lies on its side", .slope, own) {
            // EXIF 2.32, tag 274: value 6 puts row 0 at the right, column 0 at the top.
            let samples = (0..<Scene.size.area).flatMap { i in
                let (column, row) = (i % Scene.height, i / Scene.height)
                let color = Scene.slope[Scene.width - 1 - row, column]
                return [color.x, color.y, color.z]
            }
            return SourceFile.oriented(TestJPEG(Scene.height, Scene.width, .rgb, samples: samples).bytes, .rotated90)
        },
        SourceKind("JPEG by ourselves", .slope, own) {
            try SourceFile.make(.jpeg, Scene.width, Scene.height) { x, y in Scene.slope.samples(x, y) }
        },
    ]

    private static func slope(_ change: (inout TestJPEG) -> Void = { _ in }) -> TestJPEG {
        var file = TestJPEG(Scene.width, Scene.height, .rgb, samples: Scene.slope.rgb)
        change(&file)
        return file
    }
}

extension Scene {
    func samples(_ x: Int, _ y: Int) -> [UInt8] { [self[x, y].x, self[x, y].y, self[x, y].z, self[x, y].w] }
}
