import Imaging
import TestPictures

extension SourceKind {
    /// At quality 95. Chroma of half the size smears what pixels share.
    private static let shared = Tolerance(mean: 1, decibels: 46, maximum: 8)
    private static let own = Tolerance(mean: 0.8, decibels: 48, maximum: 5)
    /// libjpeg repeats chroma that four pixels of a row share, so that it is up to 1.5 pixels beside.
    private static let sharedByFour = Tolerance(mean: 3.8, decibels: 35, maximum: 13)

    static let jpeg: [SourceKind] = [
        SourceKind("JPEG 4:4:4", .slope, own) { slope().bytes },
        SourceKind("JPEG 4:2:2", .slope, shared) { slope { $0.chroma = (2, 1) }.bytes },
        SourceKind("JPEG 4:2:0", .slope, shared) { slope { $0.chroma = (2, 2) }.bytes },
        SourceKind("JPEG 4:4:0", .slope, shared) { slope { $0.chroma = (1, 2) }.bytes },
        SourceKind("JPEG 4:1:1", .slope, sharedByFour) { slope { $0.chroma = (4, 1) }.bytes },
        SourceKind("JPEG, extended sequential", .slope, own) { slope { $0.isExtended = true }.bytes },
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
        SourceKind("JPEG, inks with Adobe's marker", .slope, own) { inks(Scene.slope.inks.map { 255 - $0 }).bytes },
        // Nothing says otherwise, so 255 is full ink (ITU-T T.872, 6.1).
        SourceKind("JPEG, inks without Adobe's marker", .slope, own) {
            inks(Scene.slope.inks) { $0.hasAdobeMarker = false }.bytes
        },
        SourceKind("JPEG, luma and chroma of inks", .slope, own) {
            inks(Scene.slope.inks.map { 255 - $0 }) { $0.hasLumaOfInks = true }.bytes
        },
        // Without black the inks are steeper than the picture, by 255 / 240.
        SourceKind(
            "JPEG, luma and chroma of inks, 4:2:0", .slope, Tolerance(mean: 1.1, decibels: 45.5, maximum: 10)
        ) {
            inks(Scene.slope.inks.map { 255 - $0 }) { ($0.hasLumaOfInks, $0.chroma) = (true, (2, 2)) }.bytes
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

    private static func inks(_ samples: [UInt8], _ change: (inout TestJPEG) -> Void = { _ in }) -> TestJPEG {
        var file = TestJPEG(Scene.width, Scene.height, .cmyk, samples: samples)
        change(&file)
        return file
    }
}

extension Scene {
    func samples(_ x: Int, _ y: Int) -> [UInt8] { [self[x, y].x, self[x, y].y, self[x, y].z, self[x, y].w] }
}
