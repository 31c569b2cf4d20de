import Codecs
import Imaging

extension Work {
    /// Develops an animation frame by frame.
    ///
    /// - Returns: whether it is one; where not, nothing was read.
    func developFrames(into bytes: any ByteSink, _ watch: Watch) throws -> Bool {
        guard frameCount > 1, let source = codec as? any AnimatedCodec.Type,
            let target = try Codecs.codec(for: output.format) as? any AnimatedCodec.Type
        else { return false }
        let frames = try source.frames(of: image, decodeRequest(watch))
        // What follows the first frame may say how often all are shown, but no such file is known.
        let sink = try target.frameEncoder(
            for: output.size, playCount: frames.playCount, encodeRequest(watch), into: bytes)
        var pace = FramePace(framesPerSecond: plan.output.framesPerSecond)
        var last: [UInt8]?
        var framesLeft = frameCount
        while framesLeft > 0, let frame = try watch.decoding.measure({ try frames.nextFrame() }) {
            framesLeft -= 1
            guard let shown = pace.add(frame.milliseconds) else { continue }
            if let last { try watch.encoding.measure { try sink.writeFrame(last, milliseconds: shown) } }
            last = try develop(frame, watch)
        }
        try watch.encoding.measure {
            if let last { try sink.writeFrame(last, milliseconds: pace.rest) }
            try sink.finish()
        }
        return true
    }

    /// - Returns: rows of four bytes a pixel.
    private func develop(_ frame: Frame, _ watch: Watch) throws -> [UInt8] {
        try course.source(reading: frame.rows, watch).wholeRGBA { try watch.rowDone() }
    }
}

/// Which frames of an animation are kept where it shows fewer in a second.
struct FramePace {
    /// The least time between the begins of two frames, in milliseconds.
    private let interval: Double
    /// How long the frame that was kept last has been shown.
    private var shown = 0
    /// How long the frames that were kept are behind or ahead of an even pace.
    private var debt = 0.0
    private var isFirst = true

    init(framesPerSecond: Double?) { interval = framesPerSecond.map { 1000 / $0 } ?? 0 }

    /// Takes the next frame of the source.
    ///
    /// - Parameter milliseconds: how long it is shown there.
    /// - Returns: how long the frame that was kept before it is shown now; `nil` where this one is left out, and its time
    ///   goes to the one before. For the first frame, which is kept, nothing.
    mutating func add(_ milliseconds: Int) -> Int? {
        // What says nothing, or next to it, is shown for a tenth of a second by browsers.
        let milliseconds = interval > 0 && milliseconds <= 10 ? 100 : milliseconds
        defer { shown += milliseconds }
        if isFirst {
            isFirst = false
            return 0
        }
        // Times are whole, and a pace such as that of 30 a second is none: what is missing is carried over.
        guard Double(shown) + debt + 0.5 >= interval else { return nil }
        debt = interval > 0 ? min(Double(shown) + debt - interval, interval) : 0
        defer { shown = 0 }
        return shown
    }

    /// How long the last frame that was kept is shown.
    var rest: Int { shown }
}
