import Imaging

/// How a JPEG is written.
struct JPEGSettings {
    /// libjpeg's, 1…100.
    let quality: Int32
    /// 4:4:4 instead of 4:2:0.
    let hasFullChroma: Bool
    /// Huffman tables made for the picture, which is then held whole.
    let isOptimized: Bool

    /// From this quality on, halving the chroma loses more than the quantization does. libvips draws the same line.
    static let fullChromaQuality: Int32 = 90

    init(_ output: OutputOptions) {
        quality = Int32(min(max(output.quality ?? OutputOptions.defaultQuality, 1), 100))
        hasFullChroma = quality >= Self.fullChromaQuality
        isOptimized = output.effort == .strongest
    }
}
