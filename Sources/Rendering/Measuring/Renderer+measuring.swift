package import Codecs
import Imaging
package import Jobs

extension Renderer {
    /// Measures a picture, row by row.
    ///
    /// - Parameter checkpoint: as for ``render(_:by:with:into:checkpoint:)``.
    /// - Throws: ``DecodeError``, ``LimitError``, or what `checkpoint` threw.
    package func measure(_ image: EncodedImage, checkpoint: (Double?) throws -> Void) throws -> PictureMeasures {
        let codec = try Self.codec(of: image)
        let header = try codec.header(of: image)
        // No measure asks which side is up, so that the picture need not be held and turned.
        var stored = header
        stored.orientation = .upright
        let course = try Course([Thumbnail(side: 512)], for: stored, limits: Limits())
        try limits.check(header, isShrunk: course.shrinks(header))

        return try withoutActuallyEscaping(checkpoint) { checkpoint in
            let watch = Watch(rowCount: course.size.height, checkpoint)
            return try reserving(header.heldByteCount, checkpoint) {
                var request = DecodeRequest()
                request.checkpoint = watch.check
                // A JPEG that shrinks on load loses up to a tenth of its sharpness, and nothing else that shows.
                request.leastSize = course.decoderSize
                let decoder = TransparencyRows(try codec.decoder(for: image, request))
                let source = try course.source(reading: decoder, watch)
                var pixels = PixelStatistics(source.layout)
                var row = [UInt8](repeating: 0, count: source.layout.rowByteCount)
                for _ in 0..<source.layout.size.height {
                    try source.readRow(into: &row)
                    pixels.add(row.span)
                    try watch.rowDone()
                }
                var measures = PictureMeasures(
                    of: image.byteCount, header, try codec.facts(of: image), pixels)
                measures.hasTransparency = decoder.hasTransparency
                return measures
            }
        }
    }

    /// Makes a JPEG of a picture, upright and inside 1024 × 1024 pixels.
    ///
    /// - Throws: as ``measure(_:checkpoint:)``, and ``EncodeError``.
    package func preview(_ image: EncodedImage, checkpoint: (Double?) throws -> Void) throws -> [UInt8] {
        let plan = try Plan(
            steps: [Plan.Step(name: "thumbnail", members: ["size": 1024])], output: ["format": "jpeg", "quality": 85])
        let bytes = MemoryByteSink()
        // The limits of results are for what users ask for.
        var limits = Limits()
        (limits.maxPixels, limits.maxShrinkingPixels) = (self.limits.maxPixels, self.limits.maxShrinkingPixels)
        _ = try with(limits).render(image, by: plan, into: bytes, checkpoint: checkpoint)
        return bytes.bytes
    }
}

extension PictureMeasures {
    fileprivate init(of fileSize: Int, _ header: ImageHeader, _ facts: ImageFacts, _ pixels: PixelStatistics) {
        self.init(
            size: header.size, format: header.format, colorMode: facts.colorMode, fileSize: fileSize,
            kind: pixels.kind)
        bitDepth = facts.bitDepth
        camera = Camera(make: facts.exif.cameraMake, model: facts.exif.cameraModel)
        dateTaken = facts.exif.dateTaken
        frameCount = facts.frameCount
        dominantColors = pixels.dominantColors
        brightness = pixels.brightness?.rounded(toPlaces: 2)
        contrast = pixels.contrast?.rounded(toPlaces: 2)
        sharpness = pixels.sharpness?.rounded(toPlaces: 2)
    }
}

extension Double {
    /// For figures that people read: more digits would say nothing.
    func rounded(toPlaces places: Int) -> Double {
        let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
        return (self * scale).rounded() / scale
    }
}
