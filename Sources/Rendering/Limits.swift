import Codecs
import Imaging

/// How much one picture may ask for.
package struct Limits: Sendable, Hashable {
    /// Width times height of a source, in pixels.
    package var maxPixels = 100_000_000
    /// The same of a JPEG that is scaled down while it loads, and so never held at full size.
    package var maxShrinkingPixels = 220_000_000
    /// Width times height of a result, in pixels.
    package var maxOutputPixels = 100_000_000
    /// The longer side of a result, in pixels.
    package var maxOutputSide = 16_383
    /// Frames of an animation that is developed as one.
    package var maxFrames = 256
    /// The sum of their widths times heights, in the source and in the result, in pixels.
    package var maxAnimationPixels = 200_000_000

    package init() {}
}

extension Limits {
    /// - Throws: ``LimitError/sourceTooLarge(size:limit:)`` where no plan can be applied to such a source.
    func check(_ header: ImageHeader) throws {
        try check(header, isShrunk: true)
    }

    /// - Parameter isShrunk: whether the decoder is asked for half the size or less.
    func check(_ header: ImageHeader, isShrunk: Bool) throws {
        // The coefficients of a progressive JPEG are held at full size, whatever size is asked for.
        let shrinks = isShrunk && header.format == .jpeg && !header.needsWholePicture
        let limit = shrinks ? max(maxPixels, maxShrinkingPixels) : maxPixels
        guard header.storedSize.area <= limit else {
            throw LimitError.sourceTooLarge(size: header.storedSize, limit: limit)
        }
    }

    /// - Parameter size: of each frame, in the source or in the result.
    func check(animationOf frameCount: Int, _ size: Size) throws {
        guard frameCount <= maxFrames else { throw LimitError.tooManyFrames(count: frameCount, limit: maxFrames) }
        guard size.area * frameCount <= maxAnimationPixels else {
            throw LimitError.animationTooLarge(size: size, frameCount: frameCount, limit: maxAnimationPixels)
        }
    }

    func check(result size: Size) throws {
        guard max(size.width, size.height) <= maxOutputSide else {
            throw LimitError.sideTooLong(size: size, limit: maxOutputSide)
        }
        guard size.area <= maxOutputPixels else {
            throw LimitError.resultTooLarge(size: size, limit: maxOutputPixels)
        }
    }
}
