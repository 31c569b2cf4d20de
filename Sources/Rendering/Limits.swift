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

    package init() {}
}
