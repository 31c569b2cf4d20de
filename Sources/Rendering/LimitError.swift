package import Imaging

/// A picture or a plan asks for more than the limits allow. Final: the same request will never fit.
package enum LimitError: Error, Hashable, Sendable {
    /// The source's width times height, in pixels.
    case sourceTooLarge(size: Size, limit: Int)
    /// The width times height of a result, or of a picture on the way to it.
    case resultTooLarge(size: Size, limit: Int)
    /// The longer side of a result, in pixels.
    case sideTooLong(size: Size, limit: Int)
    /// The frames of an animation.
    case tooManyFrames(count: Int, limit: Int)
    /// The width times height of all frames together, in pixels.
    case animationTooLarge(size: Size, frameCount: Int, limit: Int)
    /// What the stages must hold of whole pictures, in bytes.
    case tooMuchMemory(byteCount: Int, limit: Int)
}

extension LimitError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .sourceTooLarge(let size, let limit):
            "the picture is \(size) = \(size.area) pixels; the limit is \(limit)"
        case .resultTooLarge(let size, let limit):
            "the result would be \(size) = \(size.area) pixels; the limit is \(limit)"
        case .sideTooLong(let size, let limit): "the result would be \(size); the limit is \(limit) a side"
        case .tooManyFrames(let count, let limit):
            "the animation has \(count) frames; the limit is \(limit), and first_frame takes one of them"
        case .animationTooLarge(let size, let count, let limit):
            "the animation is \(count) frames of \(size) = \(size.area * count) pixels; the limit is \(limit), and "
                + "first_frame takes one of them"
        case .tooMuchMemory(let byteCount, let limit):
            "the plan must hold \(byteCount) bytes of whole pictures; the limit is \(limit)"
        }
    }
}
