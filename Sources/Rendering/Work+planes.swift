import Codecs
import Imaging

extension Work {
    /// Develops luma and chroma apart, where both formats keep them so and the plan only resamples.
    ///
    /// - Returns: whether it did; where not, nothing was read but the header.
    func developPlanes(into bytes: any ByteSink, _ watch: Watch) throws -> Bool {
        guard let source = codec as? any PlanarCodec.Type, let resamplings = course.resamplings,
            let target = try Codecs.codec(for: output.format) as? any PlanarCodec.Type,
            var planes = try source.planes(of: image, course.decodeRequest)
        else { return false }
        let chroma = target.chroma(for: plan.output)
        planes.luma = Plane(rows: WatchedRows(planes.luma.rows, watch), extent: planes.luma.extent)
        for (resampling, input) in resamplings {
            planes = planes.resampled(resampling, of: input, chroma: chroma)
        }
        try target.encode(planes, plan.output, into: bytes) { try watch.rowDone() }
        return true
    }
}

extension Course {
    /// What the stages come to where each does nothing but resample, and what size it finds; `nil` where one does more, or
    /// there is none.
    fileprivate var resamplings: [(Resampling, of: Size)]? {
        guard !stages.isEmpty else { return nil }
        var resamplings: [(Resampling, of: Size)] = []
        for stage in stages {
            guard case .operation(let operation, let input) = stage, let resampling = operation.resampling(of: input)
            else { return nil }
            resamplings.append((resampling, input))
        }
        return resamplings
    }
}
