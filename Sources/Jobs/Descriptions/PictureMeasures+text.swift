import Imaging

extension PictureMeasures {
    /// The measures as lines for people; what is not known has no line.
    package var text: String {
        var lines = "Image Description:"
        func add(_ name: String, _ value: String?) {
            if let value { lines += "\n- \(name): \(value)" }
        }
        add("Dimensions", "\(width)x\(height) pixels")
        add("Format", format == .webp ? "WebP" : format.rawValue.uppercased())
        add("Color mode", colorMode.rawValue + (bitDepth.map { ", \($0) bit" } ?? ""))
        add("File size", Self.byteText(fileSize))
        add("Camera", camera?.text)
        add("Date taken", dateTaken?.split(separator: "T").joined(separator: " "))
        add("Dominant colors", dominantColors.isEmpty ? nil : dominantColors.map(\.text).joined(separator: ", "))
        add("Brightness", brightness.map { "\(Self.brightnessWord($0)) (mean luma \(Self.text($0)) of 255)" })
        add("Contrast", contrast.map { "\(Self.contrastWord($0)) (RMS \(Self.text($0)))" })
        add("Sharpness", sharpness.map { "\(Self.sharpnessWord($0)) (Laplacian variance \(Self.text($0)))" })
        add("Kind", kind.rawValue)
        add("Transparency", hasTransparency ? "yes" : "none")
        add("Animation", frameCount > 1 ? "\(frameCount) frames" : "none")
        return lines
    }

    /// In fifths of the range.
    private static func brightnessWord(_ luma: Double) -> String {
        switch luma {
        case ..<51: "very dark"
        case ..<102: "dark"
        case ..<153: "medium"
        case ..<204: "bright"
        default: "very bright"
        }
    }

    /// An even spread from black to white has 74; most photos lie between 40 and 65.
    private static func contrastWord(_ deviation: Double) -> String {
        switch deviation {
        case ..<30: "low"
        case ..<60: "medium"
        default: "high"
        }
    }

    /// Photos that are in focus have 500 to 2500; a Gaussian blur of 1 pixel in 1024 takes them to 200 to 400, of 2
    /// pixels below 60.
    private static func sharpnessWord(_ variance: Double) -> String {
        switch variance {
        case ..<100: "blurry"
        case ..<450: "soft"
        default: "sharp"
        }
    }

    /// To one decimal, none where it is 0 or the number is large.
    private static func text(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return tenths % 10 == 0 || tenths >= 1000 ? "\(Int(number.rounded()))" : "\(tenths / 10).\(tenths % 10)"
    }

    /// In decimal units, as disks and browsers have them.
    private static func byteText(_ count: Int) -> String {
        guard count >= 1000 else { return count == 1 ? "1 byte" : "\(count) bytes" }
        let units = ["kB", "MB", "GB", "TB"]
        var size = Double(count) / 1000, unit = 0
        // What would be rounded to 1000 of a unit is 1 of the next.
        while size >= 999.5, unit + 1 < units.count {
            size /= 1000
            unit += 1
        }
        return "\(text(size)) \(units[unit])"
    }
}

extension PictureMeasures.Camera {
    /// Most models begin with the name of their maker.
    fileprivate var text: String {
        guard let make, let model else { return make ?? model ?? "" }
        let first = { (text: String) in text.split(separator: " ").first?.lowercased() }
        return first(make) == first(model) ? model : "\(make) \(model)"
    }
}

extension PictureMeasures.DominantColor {
    fileprivate var text: String { "\(name) (\(hex), \(Int((share * 100).rounded()))%)" }
}
