import Codecs
import Imaging

extension Work {
    /// Develops luma and chroma apart, where both formats keep them so and the plan mixes each by its places alone.
    ///
    /// - Returns: whether it did; where not, nothing was read but the header.
    func developPlanes(into bytes: any ByteSink, _ watch: Watch) throws -> Bool {
        guard let source = codec as? any PlanarCodec.Type, let filterings = course.filterings,
            let target = try Codecs.codec(for: output.format) as? any PlanarCodec.Type,
            var planes = try watch.decoding.measure({ try source.planes(of: image, decodeRequest(watch)) })
        else { return false }
        planes = planes.timed(by: watch.decoding)
        let chroma = target.chroma(for: plan.output)
        planes.luma = Plane(rows: WatchedRows(planes.luma.rows, watch), extent: planes.luma.extent)
        for (filtering, input) in filterings {
            planes = planes.filtered(filtering, of: input, chroma: chroma)
        }
        // The encoder reads the planes itself: what is left of its time without that is its own.
        let reading = Stopwatch()
        let whole = Stopwatch()
        try whole.measure {
            try target.encode(planes.timed(by: reading), encodeRequest(watch), into: bytes) { try watch.rowDone() }
        }
        watch.encoding.add(whole.elapsed - reading.elapsed)
        return true
    }
}

extension Planes {
    fileprivate func timed(by stopwatch: Stopwatch) -> Planes {
        func timed(_ plane: Plane) -> Plane { Plane(rows: TimedRows(plane.rows, stopwatch), extent: plane.extent) }
        return Planes(luma: timed(luma), blue: timed(blue), red: timed(red))
    }
}

extension Course {
    /// What the stages come to where each does nothing but mix samples of the same channel, and what size it finds; `nil` where
    /// one does more, or there is none.
    fileprivate var filterings: [(Filtering, of: Size)]? {
        guard !stages.isEmpty else { return nil }
        var filterings: [(Filtering, of: Size)] = []
        for stage in stages {
            guard case .operation(let operation, let input) = stage, let filtering = operation.filtering(of: input)
            else { return nil }
            filterings.append((filtering, input))
        }
        return filterings
    }

    /// The part of the picture by which one plane gets ahead of the others: what the encoder takes of it at once, where the
    /// picture is lowest, and what the filters have read before they give their first row.
    var lead: Double {
        guard let filterings else { return 1 }
        var least = size.height
        var reach = 0.0
        for (filtering, input) in filterings {
            switch filtering {
            case .resampling(let resampling): least = min(least, resampling.size.height)
            // 3.6 of the narrower Gaussian's deviations, and two samples of a grid at a spacing of σ.
            case .blur(let sigma): reach += 6 * sigma / Double(input.height)
            }
        }
        return min(1, 32 / Double(least) + reach)
    }
}
