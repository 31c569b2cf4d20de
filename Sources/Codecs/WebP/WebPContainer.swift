import CWebP
import Imaging

/// What is put around an encoded picture or animation (RFC 9649, section 2.7).
enum WebPContainer {
    /// Writes a WebP file with chunks for what there is of metadata.
    static func write(
        _ file: WebPData, with metadata: PictureMetadata, into sink: any ByteSink
    ) throws {
        let chunks = [
            ("ICCP", metadata.profile?.bytes), ("EXIF", metadata.exif?.bytes), ("XMP ", metadata.xmp),
        ].compactMap { name, content in content.map { (name, $0) } }
        if chunks.isEmpty {
            guard let start = unsafe file.bytes else { throw failure }
            return try sink.write(unsafe Span(_unsafeStart: start, count: file.size))
        }
        var source = unsafe file, result = unsafe WebPData()
        unsafe WebPDataInit(&result)
        defer { unsafe WebPDataClear(&result) }
        guard let mux = unsafe WebPMuxCreate(&source, 0) else { throw failure }
        defer { unsafe WebPMuxDelete(mux) }
        for (name, content) in chunks {
            let status = unsafe content.withUnsafeBufferPointer { content in
                var chunk = unsafe WebPData(bytes: content.baseAddress, size: content.count)
                return unsafe WebPMuxSetChunk(mux, name, &chunk, 1)
            }
            guard status == WEBP_MUX_OK else { throw failure }
        }
        guard unsafe WebPMuxAssemble(mux, &result) == WEBP_MUX_OK, let start = unsafe result.bytes else {
            throw failure
        }
        try sink.write(unsafe Span(_unsafeStart: start, count: result.size))
    }

    private static let failure = EncodeError.failed(.webp, reason: "the container could not be put together")
}
