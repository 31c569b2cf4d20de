/// What an EXIF block tells about how a picture was taken (EXIF 2.32, section 4.6), where it is there and readable.
///
/// The place is left out on purpose: who sends a photo to have it described seldom means to say where they live, and a
/// description travels further than the file.
package struct EXIF: Hashable, Sendable {
    package private(set) var cameraMake: String?
    package private(set) var cameraModel: String?
    /// As ISO 8601 without a zone, by the camera's own clock: `2024-05-01T18:30:00`.
    package private(set) var dateTaken: String?

    /// Nothing is known.
    init() {}

    init(_ block: Span<UInt8>) {
        self = TIFFDirectory.inEXIF(block) { Self($0, $1) } ?? Self()
    }

    init(_ directory: TIFFDirectory, _ bytes: Span<UInt8>) {
        cameraMake = directory.text(.make, bytes)
        cameraModel = directory.text(.model, bytes)
        dateTaken = directory.directory(.exif, bytes)?.text(.dateTimeOriginal, bytes).flatMap(Self.date)
    }

    /// Reads `2024:05:01 18:30:00`; cameras whose clock was never set write zeros or blanks.
    private static func date(_ text: String) -> String? {
        let parts = text.split(whereSeparator: { $0 == ":" || $0 == " " })
        let numbers = parts.compactMap { part in part.allSatisfy(\.isASCIIDigit) ? Int(part) : nil }
        guard text.utf8.count == 19, parts.map(\.utf8.count) == [4, 2, 2, 2, 2, 2], numbers.count == 6 else {
            return nil
        }
        let fits = zip(numbers, [1...9999, 1...12, 1...31, 0...23, 0...59, 0...60]).allSatisfy { $1.contains($0) }
        return fits ? parts[0..<3].joined(separator: "-") + "T" + parts[3...].joined(separator: ":") : nil
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
