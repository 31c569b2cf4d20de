import Codecs
import Imaging

/// One rendering, its checks behind it.
struct Work {
    let image: EncodedImage
    let codec: any ImageCodec.Type
    let header: ImageHeader
    let plan: Plan
    let output: Renderer.Output
    let course: Course
    /// What is written with the result.
    let metadata: PictureMetadata
    /// More than 1 where it is developed as an animation.
    let frameCount: Int

    /// - Throws: ``LimitError``.
    init(
        _ image: EncodedImage, _ codec: any ImageCodec.Type, _ header: ImageHeader, _ plan: Plan,
        _ output: Renderer.Output, _ course: Course, _ metadata: PictureMetadata, limits: Limits
    ) throws {
        (self.image, self.codec, self.header) = (image, codec, header)
        (self.plan, self.output, self.course, self.metadata) = (plan, output, course, metadata)
        let mayMove = codec is any AnimatedCodec.Type && output.format.mayBeAnimated && !plan.output.takesFirstFrame
        frameCount = mayMove ? try codec.facts(of: image).frameCount : 1
        if frameCount > 1 {
            try limits.check(animationOf: frameCount, header.storedSize)
            try limits.check(animationOf: frameCount, output.size)
        }
    }

    /// Whether the source itself is the answer where compressing would not make it smaller.
    var mayKeepSource: Bool {
        // A file's other page is not what it shows.
        plan.output.isCompression && course.stages.isEmpty && output.format == header.format && image.page == 1
    }

    /// Bytes of whole pictures that decoder, stages and encoder hold at the same time, at most.
    var wholePictureByteCount: Int {
        let layout = header.decodedLayout(keepsDepth: keepsDepth)
        if frameCount > 1 {
            // The canvas, what it was, and what is made of it; the result, what it is compared with, and the encoder's own.
            var layout = layout
            layout.format = .rgba8
            return header.storedSize.area * 4 * 3 + course.wholePictureByteCount(of: layout)
                + output.size.area * 4 * 6
        }
        // A photo's pixels, and what the library makes of them: 5.3 bytes each in GIF, 5.7 in WebP, of which most tokens; only
        // noise takes more.
        let encoder = output.format.isWrittenAsWhole ? output.size.area * 6 : 0
        return header.heldByteCount + course.wholePictureByteCount(of: layout) + encoder
    }

    /// Whether the picture goes from decoder to encoder with 16 bits a sample: where there are more than 8, the result can hold
    /// them and every stage takes them.
    var keepsDepth: Bool { header.isDeep && output.format.holdsDeepSamples && course.takesDeepRows }

    func decodeRequest(_ watch: Watch) -> DecodeRequest {
        var request = course.decodeRequest(keepsProfile: metadata.profile != nil, watch)
        request.keepsDepth = keepsDepth
        return request
    }

    func encodeRequest(_ watch: Watch) -> EncodeRequest {
        var request = EncodeRequest(plan.output, metadata)
        request.checkpoint = watch.check
        return request
    }

    func develop(into bytes: any ByteSink, _ watch: Watch) throws {
        if try developFrames(into: bytes, watch) { return }
        if try developPlanes(into: bytes, watch) { return }
        let decoder = try watch.decoding.measure { try codec.decoder(for: image, decodeRequest(watch)) }
        let source = try course.source(reading: TimedRows(decoder, watch.decoding), watch)
        let sink = try Codecs.codec(for: output.format).encoder(for: source.layout, encodeRequest(watch), into: bytes)
        var row = [UInt8](repeating: 0, count: source.layout.rowByteCount)
        for _ in 0..<source.layout.size.height {
            try source.readRow(into: &row)
            try watch.encoding.measure { try sink.writeRow(row.span) }
            try watch.rowDone()
        }
        try watch.encoding.measure { try sink.finish() }
    }

    /// Develops it, to the end even where the result is not smaller: only then is it known that the source is whole.
    func compress(into bytes: any ByteSink, _ watch: Watch) throws {
        let smaller = BoundedBytes(below: image.byteCount)
        try develop(into: smaller, watch)
        if let result = smaller.bytes {
            try bytes.write(result.span)
        } else if plan.output.keepsMetadata {
            try image.withBytes { source throws in try bytes.write(source) }
        } else if let plain = codec.withoutMetadata(image) {
            try bytes.write(plain.span)
        } else {
            try develop(into: bytes, watch)
        }
    }
}

extension Course {
    func decodeRequest(keepsProfile: Bool, _ watch: Watch) -> DecodeRequest {
        var request = DecodeRequest()
        request.checkpoint = watch.check
        request.leastSize = decoderSize
        request.onlyLuma = needsOnlyLuma
        request.lead = lead
        request.keepsProfile = keepsProfile
        return request
    }

    /// What the decoder is asked for: larger than the result needs.
    ///
    /// Shrinking in the DCT domain cuts frequencies off block by block. Where the filter after it has the rest of the way
    /// to go, that does not show: against a full decode, a photo that is resized by 1.8 after it was shrunk scores 50 dB
    /// of PSNR, as libvips does (38 to 55 dB), by 1.3 only 42 dB, and by hardly anything 37 dB.
    var decoderSize: Size? {
        leastSize.map {
            Size(
                width: Int((Double($0.width) * Self.headroom).rounded(.up)),
                height: Int((Double($0.height) * Self.headroom).rounded(.up)))
        }
    }

    private static let headroom = 1.75
}

extension ImageHeader {
    /// What its decoder gives at most: one that is asked for luma alone may give colours all the same.
    func decodedLayout(keepsDepth: Bool = false) -> RowLayout {
        RowLayout(
            size: storedSize, format: PixelFormat(isGray && !hasAlpha ? .gray : .rgba, isDeep: keepsDepth && isDeep),
            isOpaque: !hasAlpha)
    }
}

extension ImageFormat {
    /// Whether the encoder holds the whole picture: WebP looks at all of it, GIF needs its colours before its first row.
    fileprivate var isWrittenAsWhole: Bool { self == .webp || self == .gif }

    fileprivate var mayBeAnimated: Bool { Codecs.all.contains { $0.format == self && $0 is any AnimatedCodec.Type } }
}
