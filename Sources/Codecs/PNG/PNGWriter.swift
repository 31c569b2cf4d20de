import CPNG
import Imaging

/// Owns one libpng writer.
@safe final class PNGWriter {
    private let handle: OpaquePointer

    /// Writes the header.
    init(_ format: cpng_format) throws(EncodeError) {
        guard let handle = unsafe cpng_encoder_create() else { throw .failed(.png, reason: "out of memory") }
        unsafe self.handle = handle
        var format = format
        let status = unsafe cpng_encoder_start(handle, &format)
        try check(status)
    }

    deinit { unsafe cpng_encoder_destroy(handle) }

    /// Writes what goes before the picture.
    ///
    /// - Parameter isDeep: whether samples have 16 bits. libpng's simplest calls take these for light unless they are told
    ///   otherwise, and those of 8 bits, as all do, for sRGB's numbers.
    func write(_ metadata: PictureMetadata, isDeep: Bool) throws(EncodeError) {
        if let profile = metadata.profile?.bytes {
            try check(unsafe cpng_encoder_write_profile(handle, profile, profile.count))
        } else if isDeep {
            // The perceptual intent (PNG, third edition, section 11.3.2.5).
            try writeChunk("sRGB", [0])
        }
        if let exif = metadata.exif { try writeChunk("eXIf", exif.bytes) }
        if let xmp = metadata.xmp { try writeChunk("iTXt", PNGText.content(ofXMP: xmp)) }
    }

    private func writeChunk(_ name: String, _ content: [UInt8]) throws(EncodeError) {
        try check(unsafe cpng_encoder_write_chunk(handle, name, content, content.count))
    }

    func writeRow(_ row: Span<UInt8>) throws(EncodeError) {
        let status = unsafe row.withUnsafeBufferPointer { row in
            unsafe cpng_encoder_write_row(handle, row.baseAddress)
        }
        try check(status)
    }

    func finish() throws(EncodeError) {
        try check(unsafe cpng_encoder_finish(handle))
    }

    /// Passes on what was encoded so far.
    func drain(into sink: any ByteSink) throws {
        var count = 0
        guard let bytes = unsafe cpng_encoder_take(handle, &count), count > 0 else { return }
        try sink.write(unsafe Span(_unsafeStart: bytes, count: count))
    }

    private func check(_ status: cpng_status) throws(EncodeError) {
        guard status != CPNG_OK else { return }
        throw .failed(.png, reason: unsafe String(cString: cpng_encoder_message(handle)))
    }
}
