/// What an operation comes to that mixes the samples of each channel by their places, and nothing else.
package enum Filtering: Hashable, Sendable {
    case resampling(Resampling)
    /// By a Gaussian of this standard deviation, in pixels.
    case blur(sigma: Double)
}
