/// Every step that a plan may hold.
package enum Catalog {
    /// One line for each, in the order of the documents.
    package static let elements: [any PlanElement.Type] = [
        Resize.self,
        Thumbnail.self,
        Crop.self,
        Trim.self,
        Pad.self,
        Extend.self,
        Round.self,
        Rotate.self,
        Flip.self,
        Flop.self,
        Blur.self,
        Sharpen.self,
        Median.self,
        Grayscale.self,
        Sepia.self,
        Saturate.self,
        HueRotate.self,
        Invert.self,
        Brightness.self,
        Contrast.self,
        Gamma.self,
        Normalize.self,
        Tint.self,
        Pixelate.self,
        Watermark.self,
        BlurHash.self,
        DominantColor.self,
        Convert.self,
        Compress.self,
    ]

    package static let names = elements.map { $0.specification.name }

    private static let byName = Dictionary(uniqueKeysWithValues: elements.map { ($0.specification.name, $0) })

    package static func element(named name: String) -> (any PlanElement.Type)? { byName[name] }
}
