/// A file format that can be read and written.
package enum ImageFormat: String, CaseIterable, Sendable, Hashable, Codable {
    case jpeg, png, gif, bmp, tiff, webp

    /// Reads a name or a file extension, in either case: `jpg` is `jpeg`, `tif` is `tiff`.
    package init?(name: some StringProtocol) {
        switch name.lowercased() {
        case "jpg", "jpe": self = .jpeg
        case "tif": self = .tiff
        case let name: self.init(rawValue: name)
        }
    }

    /// The media type of RFC 2046 and its registry.
    package var contentType: String { "image/\(rawValue)" }

    /// The usual extension of a file's name, without the dot.
    package var fileExtension: String {
        switch self {
        case .jpeg: "jpg"
        case .tiff: "tif"
        default: rawValue
        }
    }

    /// Whether a file of this format may have 16 bits a sample.
    package var holdsDeepSamples: Bool { self == .png || self == .tiff }

    /// Whether a pixel may be transparent in this format as we write it.
    package var supportsAlpha: Bool {
        switch self {
        case .jpeg, .bmp: false
        case .png, .gif, .tiff, .webp: true
        }
    }
}
