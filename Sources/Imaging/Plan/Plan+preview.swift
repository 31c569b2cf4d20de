extension Plan {
    /// The plan whose result shows, in a browser, what this one's will look like: as small as is asked for, in the same
    /// format where browsers know it, else in WebP.
    ///
    /// - Parameters:
    ///   - format: the source's.
    ///   - side: the longer one at most, in pixels.
    package func preview(of format: ImageFormat, side: Int) throws(PlanError) -> Plan {
        let result = output.format ?? format
        var explicit: [String: JSONValue] = [
            "format": .string((result.isShownByBrowsers ? result : .webp).rawValue),
            "background": .string(output.background.description),
            "first_frame": true,
            "page": .number(Double(output.page)),
        ]
        // With its profile a picture has other numbers, which the operations change.
        if output.keepsMetadata { explicit["metadata"] = "keep" }
        if !output.dithers { explicit["dither"] = false }
        if let quality = output.quality { explicit["quality"] = .number(Double(quality)) }
        let small = try Step(name: Thumbnail.specification.name, members: ["size": .number(Double(side))])
        return try Plan(steps: steps.filter { !($0.element is Convert) } + [small], output: explicit)
    }

    /// What shows a file of pictures at a glance, at most so many pixels on its longer side.
    package static func thumbnail(side: Int) throws(PlanError) -> Plan {
        try Plan(
            steps: [Step(name: Thumbnail.specification.name, members: ["size": .number(Double(side))])],
            output: ["format": .string(ImageFormat.webp.rawValue), "first_frame": true])
    }
}

extension ImageFormat {
    fileprivate var isShownByBrowsers: Bool {
        switch self {
        case .jpeg, .png, .webp, .gif, .bmp: true
        case .tiff: false
        }
    }
}
