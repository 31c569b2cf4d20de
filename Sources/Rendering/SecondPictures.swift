import Codecs
import Imaging

/// The pictures that a plan names beside the one it is for, as the stages of one rendering take them in.
///
/// Each is decoded, turned upright and resized once, when a row first needs it, and held until ``forget()``.
final class SecondPictures {
    private let files: [String: EncodedImage]
    private let limits: Limits
    private var opened: [String: Opened] = [:]
    private var held: [Wanted: [UInt8]] = [:]

    private struct Opened {
        let image: EncodedImage
        let codec: any ImageCodec.Type
        let header: ImageHeader
    }

    /// A file in a size.
    private struct Wanted: Hashable {
        let fileName: String
        let size: Size
    }

    /// - Parameter files: by what the plan calls them.
    init(_ files: [String: EncodedImage] = [:], limits: Limits = Limits()) {
        self.files = files
        // No larger than the picture that it is put into, whose limits have been checked.
        var limits = limits
        (limits.maxOutputPixels, limits.maxOutputSide) = (.max, .max)
        self.limits = limits
    }

    /// The picture that an operation takes in.
    ///
    /// - Parameters:
    ///   - input: the size of the picture that it is put into.
    ///   - watch: ends the work on it.
    /// - Throws: ``SecondPictureError``, or ``PlanError`` where it is not there.
    func picture(for operation: any ComposingOperation, of input: Size, _ watch: Watch) throws -> SecondPicture {
        let opened = try open(operation.fileName)
        let wanted = Wanted(
            fileName: operation.fileName, size: operation.size(of: opened.header.size, in: input))
        return SecondPicture(size: wanted.size, isGray: opened.header.isGray) { [self] in
            if let pixels = held[wanted] { return pixels }
            let pixels = try SecondPictureError.naming(wanted.fileName) { try develop(opened, wanted.size, watch) }
            held[wanted] = pixels
            return pixels
        }
    }

    /// Bytes of whole pictures that it takes to make and hold that picture, at most.
    ///
    /// - Throws: ``SecondPictureError``, where it is over the limits or shows already that it will not do, or ``PlanError``.
    func byteCount(for operation: any ComposingOperation, of input: Size) throws -> Int {
        let opened = try open(operation.fileName)
        let size = operation.size(of: opened.header.size, in: input)
        let course = try course(of: opened.header, to: size)
        try SecondPictureError.naming(operation.fileName) {
            try limits.check(opened.header, isShrunk: course.shrinks(opened.header))
        }
        return opened.header.heldByteCount + course.wholePictureByteCount(of: opened.header.decodedLayout())
            + size.area * PixelFormat.rgba8.bytesPerPixel
    }

    /// Gives the pixels back that are held; they are made anew where they are asked for again.
    func forget() { held = [:] }

    private func open(_ fileName: String) throws -> Opened {
        if let known = opened[fileName] { return known }
        guard let image = files[fileName] else {
            throw PlanError.impossible(parameter: "operations", detail: "the plan's file \(fileName) is not there")
        }
        let new = try SecondPictureError.naming(fileName) {
            let codec = try Renderer.codec(of: image)
            let header = try codec.header(of: image)
            try limits.check(header)
            return Opened(image: image, codec: codec, header: header)
        }
        opened[fileName] = new
        return new
    }

    private func course(of header: ImageHeader, to size: Size) throws -> Course {
        try Course(header.size == size ? [] : [Resize(to: size)], for: header, limits: limits)
    }

    private func develop(_ opened: Opened, _ size: Size, _ watch: Watch) throws -> [UInt8] {
        let course = try course(of: opened.header, to: size)
        let decoder = try opened.codec.decoder(for: opened.image, course.decodeRequest(keepsProfile: false, watch))
        return try course.source(reading: decoder, watch).wholeRGBA()
    }
}

extension RowSource {
    /// All rows, in colours whatever they are.
    func wholeRGBA(afterRow: () throws -> Void = {}) throws -> [UInt8] {
        let source: any RowSource = layout.format == .gray8 ? ColorRows(self) : self
        let count = source.layout.rowByteCount
        var pixels = [UInt8](repeating: 0, count: count * source.layout.size.height)
        var span = pixels.mutableSpan
        for y in 0..<source.layout.size.height {
            var row = span._mutatingExtracting(y * count..<(y + 1) * count)
            try source.readRow(into: &row)
            try afterRow()
        }
        return pixels
    }
}

/// A picture that the plan names will not do.
struct SecondPictureError: Error {
    let fileName: String
    /// Why: ``DecodeError`` or ``LimitError``.
    let reason: any Error

    fileprivate static func naming<R>(_ fileName: String, _ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch let error where error is DecodeError || error is LimitError {
            throw SecondPictureError(fileName: fileName, reason: error)
        }
    }
}
