import CGIF
import CLibJPEG
import CLibPNG
import CWebP
package import Imaging

/// Reads pictures by the libraries' simplest calls, past our own decoders, and bitmaps by a few lines of its own.
package enum OtherReader {
    /// - Returns: RGBA, rows from the top; empty where the library refuses the file. Of a TIFF, the colours are multiplied with
    ///   alpha.
    package static func pixels(of file: [UInt8], _ format: ImageFormat, _ size: Size) -> [UInt8] {
        switch format {
        case .png: png(file, size)
        case .jpeg: jpeg(file, size)
        case .webp: webP(file, size)
        case .gif: gif(file, size)
        case .tiff: LibTIFF.pixels(of: file, size.width, size.height)
        case .bmp: bmp(file, size)
        }
    }

    private static func png(_ file: [UInt8], _ size: Size) -> [UInt8] {
        var image = unsafe png_image()
        unsafe image.version = UInt32(PNG_IMAGE_VERSION)
        defer { unsafe png_image_free(&image) }
        let hasBegun = unsafe png_image_begin_read_from_memory(&image, file, file.count)
        guard hasBegun != 0, unsafe Int(image.width) == size.width, unsafe Int(image.height) == size.height else {
            return []
        }
        unsafe image.format = UInt32(PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA)
        var pixels = [UInt8](repeating: 0, count: size.area * 4)
        let isRead = unsafe png_image_finish_read(&image, nil, &pixels, 0, nil)
        return isRead == 0 ? [] : pixels
    }

    private static func jpeg(_ file: [UInt8], _ size: Size) -> [UInt8] {
        let info = UnsafeMutablePointer<jpeg_decompress_struct>.allocate(capacity: 1)
        let errors = UnsafeMutablePointer<jpeg_error_mgr>.allocate(capacity: 1)
        defer {
            unsafe info.deallocate()
            unsafe errors.deallocate()
        }
        unsafe info.pointee.err = jpeg_std_error(errors)
        unsafe jpeg_CreateDecompress(info, JPEG_LIB_VERSION, MemoryLayout<jpeg_decompress_struct>.size)
        defer { unsafe jpeg_destroy_decompress(info) }
        var pixels = [UInt8](repeating: 0, count: size.area * 4)
        unsafe file.withUnsafeBufferPointer { file in
            unsafe jpeg_mem_src(info, file.baseAddress, UInt(file.count))
            unsafe jpeg_read_header(info, 1)
            unsafe info.pointee.out_color_space = JCS_EXT_RGBA
            unsafe jpeg_start_decompress(info)
            for y in 0..<size.height {
                unsafe pixels.withUnsafeMutableBufferPointer { pixels in
                    var row = unsafe pixels.baseAddress?.advanced(by: y * size.width * 4)
                    unsafe _ = jpeg_read_scanlines(info, &row, 1)
                }
            }
            unsafe jpeg_finish_decompress(info)
        }
        return pixels
    }

    private static func webP(_ file: [UInt8], _ size: Size) -> [UInt8] {
        var width: Int32 = 0, height: Int32 = 0
        let start = unsafe WebPDecodeRGBA(file, file.count, &width, &height)
        defer { unsafe WebPFree(start) }
        guard Int(width) == size.width, Int(height) == size.height else { return [] }
        return unsafe Array(UnsafeBufferPointer(start: start, count: size.area * 4))
    }

    private static func gif(_ file: [UInt8], _ size: Size) -> [UInt8] {
        let cursor = Cursor(file)
        var error: Int32 = 0
        let handle = unsafe DGifOpen(
            Unmanaged.passUnretained(cursor).toOpaque(),
            { handle, target, count in
                guard let target = unsafe target, let context = unsafe handle?.pointee.UserData else { return 0 }
                let part = unsafe Unmanaged<Cursor>.fromOpaque(context).takeUnretainedValue().next(Int(count))
                for i in part.indices { unsafe target[i] = part[i] }
                return Int32(part.count)
            }, &error)
        guard let handle = unsafe handle else { return [] }
        defer { unsafe _ = DGifCloseFile(handle, &error) }
        guard unsafe DGifSlurp(handle) == GIF_OK else { return [] }
        return withExtendedLifetime(cursor) { unsafe firstFrame(of: handle, size) }
    }

    /// What giflib has not read yet.
    private final class Cursor {
        private var rest: ArraySlice<UInt8>

        init(_ bytes: [UInt8]) { rest = bytes[...] }

        func next(_ count: Int) -> [UInt8] {
            let part = rest.prefix(count)
            rest = rest.dropFirst(count)
            return Array(part)
        }
    }

    private static func firstFrame(of handle: UnsafeMutablePointer<GifFileType>, _ size: Size) -> [UInt8] {
        guard unsafe Int(handle.pointee.SWidth) == size.width, unsafe Int(handle.pointee.SHeight) == size.height,
            let map = unsafe handle.pointee.SColorMap
        else { return [] }
        var control = GraphicsControlBlock()
        let hasControl = unsafe DGifSavedExtensionToGCB(handle, 0, &control) == GIF_OK
        return (0..<size.area).flatMap { i -> [UInt8] in
            let index = unsafe Int32(handle.pointee.SavedImages[0].RasterBits[i])
            if hasControl, index == control.TransparentColor { return [0, 0, 0, 0] }
            let color = unsafe map.pointee.Colors[Int(index)]
            return [color.Red, color.Green, color.Blue, 255]
        }
    }

    /// As we write them: from the top down, 8 bits with a gray palette or 24 bits.
    private static func bmp(_ file: [UInt8], _ size: Size) -> [UInt8] {
        func number(_ offset: Int) -> Int { (0..<4).reduce(0) { $0 | Int(file[offset + $1]) << (8 * $1) } }
        guard number(18) == size.width, number(22) == 1 << 32 - size.height else { return [] }
        let bytesPerPixel = Int(file[28]) / 8
        let rowByteCount = (size.width * bytesPerPixel + 3) & ~3
        return (0..<size.area).flatMap { i -> [UInt8] in
            let place = number(10) + i / size.width * rowByteCount + i % size.width * bytesPerPixel
            let color = bytesPerPixel == 1 ? 54 + Int(file[place]) * 4 : place
            return [file[color + 2], file[color + 1], file[color], 255]
        }
    }
}
