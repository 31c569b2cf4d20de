import Codecs
import Imaging
import Rendering
import TestPictures
import Testing

@Suite struct `The format matrix` {
    private static func result(of kind: SourceKind, _ target: TargetFormat) throws -> [UInt8] {
        try Renderer().file(
            kind.makeFile(), [],
            output: ["format": .string(target.format.rawValue), "quality": .number(Double(TargetFormat.quality))])
    }

    @Test(arguments: SourceKind.all, TargetFormat.all)
    func `turns every kind of file into every format`(_ kind: SourceKind, _ target: TargetFormat) throws {
        let result = try Self.result(of: kind, target)
        #expect(target.isBegun(by: result))
        let header = try Renderer().probe(EncodedImage(result))
        #expect(header.format == target.format)
        #expect(header.orientation == .upright)
        try #require(header.storedSize == Scene.size)

        let difference = try Difference(from: target.shown(kind.scene), to: Scene(Decoded(result)))
        #expect(difference.isWithin(kind.tolerance + target.tolerance(for: kind)), "\(difference)")
    }

    @Test(arguments: SourceKind.all.filter { $0.deepLevels != nil }, TargetFormat.all)
    func `keeps 16 bits where the format has them`(_ kind: SourceKind, _ target: TargetFormat) throws {
        let result = try Self.result(of: kind, target)
        let isDeep = target.format == .png || target.format == .tiff
        #expect(try Renderer().probe(EncodedImage(result)).isDeep == isDeep)
        if isDeep { #expect(try Decoded(result, keepsDepth: true).levels == kind.deepLevels) }
    }

    @Test func `has no 16 bits of what has 8`() throws {
        for kind in SourceKind.all where kind.deepLevels == nil {
            for target in TargetFormat.all {
                #expect(try !Renderer().probe(EncodedImage(Self.result(of: kind, target))).isDeep, "\(kind.name)")
            }
        }
    }

    /// Formats without frames show the first one, as every pair above does.
    @Test(
        arguments: SourceKind.all.filter { !$0.laterScenes.isEmpty },
        [GIFCodec.self, WebPCodec.self] as [any AnimatedCodec.Type])
    func `keeps frames where the format has them`(_ kind: SourceKind, _ codec: any AnimatedCodec.Type) throws {
        let target = try #require(TargetFormat.all.first { $0.format == codec.format })
        let frames = try codec.frames(of: EncodedImage(Self.result(of: kind, target)), DecodeRequest())
        for scene in [kind.scene] + kind.laterScenes {
            let frame = try #require(try frames.nextFrame())
            let difference = try Difference(from: target.shown(scene), to: Scene(reading: frame.rows))
            #expect(difference.isWithin(kind.tolerance + target.tolerance(for: kind)), "\(difference)")
        }
        let end = try frames.nextFrame()
        #expect(end == nil)
    }

    /// Gray, opaque and with alpha: each makes a file of another kind.
    @Test(arguments: ["PNG, gray of 8 bits", "PNG, RGB of 8 bits", "PNG, RGBA of 8 bits"], TargetFormat.all)
    func `writes files that other readers see alike`(_ name: String, _ target: TargetFormat) throws {
        let kind = try #require(SourceKind.all.first { $0.name == name })
        let result = try Self.result(of: kind, target)
        let ours = try Scene(Decoded(result))
        let theirs = OtherReader.pixels(of: result, target.format, Scene.size)
        try #require(theirs.count == Scene.size.area * 4)
        for (i, color) in ours.pixels.enumerated() {
            let other = Scene.Pixel(theirs[i * 4..<i * 4 + 4])
            // libtiff multiplies with alpha, libwebp keeps colours that nobody sees.
            let seen = target.format == .tiff ? color.multiplied : color
            try #require(color.w == 0 ? other.w == 0 : other == seen, "pixel \(i)")
        }
    }

    @Test func `names each kind once`() {
        #expect(Set(SourceKind.all.map(\.name)).count == SourceKind.all.count)
        #expect(TargetFormat.all.map(\.format) == ImageFormat.allCases)
    }
}

extension Scene.Pixel {
    /// As libtiff rounds it.
    fileprivate var multiplied: Scene.Pixel {
        let part = { (value: UInt8) in UInt8((Int(value) * Int(self.w) + 127) / 255) }
        return Scene.Pixel(part(x), part(y), part(z), w)
    }
}
