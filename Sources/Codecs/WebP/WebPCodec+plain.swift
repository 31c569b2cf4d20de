import CWebP
import Imaging

extension WebPCodec {
    package static func withoutMetadata(_ image: EncodedImage) -> [UInt8]? {
        var source = unsafe WebPReader.source(image)
        guard let mux = unsafe WebPMuxCreate(&source, 0) else { return nil }
        defer { unsafe WebPMuxDelete(mux) }
        for name in ["EXIF", "XMP "] {
            let status = unsafe WebPMuxDeleteChunk(mux, name)
            guard status == WEBP_MUX_OK || status == WEBP_MUX_NOT_FOUND else { return nil }
        }
        var result = unsafe WebPData()
        unsafe WebPDataInit(&result)
        defer { unsafe WebPDataClear(&result) }
        guard unsafe WebPMuxAssemble(mux, &result) == WEBP_MUX_OK, let start = unsafe result.bytes else { return nil }
        return unsafe Span(_unsafeStart: start, count: result.size).array
    }
}
