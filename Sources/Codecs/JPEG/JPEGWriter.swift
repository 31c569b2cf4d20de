import CJPEG
import Imaging

/// Owns one libjpeg compressor.
@safe final class JPEGWriter {
    private let handle: OpaquePointer

    init() throws(EncodeError) {
        guard let handle = unsafe cjpeg_encoder_create() else { throw .failed(.jpeg, reason: "out of memory") }
        unsafe self.handle = handle
    }

    deinit { unsafe cjpeg_encoder_destroy(handle) }

    func start(_ layout: RowLayout, _ settings: JPEGSettings) throws(EncodeError) {
        let size = try Self.checked(layout.size)
        let status = unsafe cjpeg_encoder_start(
            handle, size.width, size.height, Int32(layout.format.bytesPerPixel), settings.quality,
            settings.hasFullChroma ? 1 : 0, settings.isOptimized ? 1 : 0)
        try check(status)
    }

    /// Starts a picture that comes as luma and chroma, apart.
    ///
    /// - Returns: what a band holds, plane by plane.
    func startPlanes(_ size: Size, _ settings: JPEGSettings) throws(EncodeError) -> [cjpeg_plane] {
        let size = try Self.checked(size)
        var planes = [cjpeg_plane](repeating: cjpeg_plane(), count: 3)
        let status = unsafe planes.withUnsafeMutableBufferPointer { planes in
            unsafe cjpeg_encoder_start_planes(
                handle, size.width, size.height, settings.quality, settings.hasFullChroma ? 1 : 0,
                settings.isOptimized ? 1 : 0, planes.baseAddress)
        }
        try check(status)
        return planes
    }

    /// The longest side that libjpeg writes, in pixels.
    private static let maxSide = 65_500

    private static func checked(_ size: Size) throws(EncodeError) -> (width: UInt32, height: UInt32) {
        guard max(size.width, size.height) <= maxSide else { throw .tooLarge(.jpeg, size: size, limit: maxSide) }
        return (UInt32(size.width), UInt32(size.height))
    }

    /// - Parameter bytes: the content of an APP1 marker, 65533 bytes at most.
    func writeApp1(_ bytes: [UInt8]) throws(EncodeError) {
        try check(unsafe cjpeg_encoder_write_app1(handle, bytes, bytes.count))
    }

    func writeProfile(_ bytes: [UInt8]) throws(EncodeError) {
        try check(unsafe cjpeg_encoder_write_profile(handle, bytes, bytes.count))
    }

    func writeRow(_ row: Span<UInt8>) throws(EncodeError) {
        let status = unsafe row.withUnsafeBufferPointer { row in
            unsafe cjpeg_encoder_write_row(handle, row.baseAddress)
        }
        try check(status)
    }

    /// - Parameter band: is filled up to whole blocks.
    func writeBand(_ band: inout [UInt8]) throws(EncodeError) {
        let status = unsafe band.withUnsafeMutableBufferPointer { band in
            unsafe cjpeg_encoder_write_band(handle, band.baseAddress)
        }
        try check(status)
    }

    func finish() throws(EncodeError) {
        try check(unsafe cjpeg_encoder_finish(handle))
    }

    /// Passes on what was encoded so far.
    func drain(into sink: any ByteSink) throws {
        var count = 0
        guard let bytes = unsafe cjpeg_encoder_take(handle, &count), count > 0 else { return }
        try sink.write(unsafe Span(_unsafeStart: bytes, count: count))
    }

    private func check(_ status: cjpeg_status) throws(EncodeError) {
        guard status != CJPEG_OK else { return }
        throw .failed(.jpeg, reason: unsafe String(cString: cjpeg_encoder_message(handle)))
    }
}
