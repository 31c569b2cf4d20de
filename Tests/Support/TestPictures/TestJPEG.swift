import CLibJPEG

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// JPEG files of kinds that our encoder does not write, by libjpeg itself.
package struct TestJPEG {
    package enum Channels: Int {
        case gray = 1
        case rgb = 3
        /// 255 is no ink where there is Adobe's marker.
        case cmyk = 4
    }

    package let width, height: Int
    package let channels: Channels
    package let samples: [UInt8]
    /// Pixels that share one sample of chroma.
    package var chroma = (width: 1, height: 1)
    package var isProgressive = false
    /// Extended sequential, for its Huffman tables: more than baseline may have.
    package var isExtended = false
    /// Inks but black are coded as luma and chroma.
    package var hasLumaOfInks = false
    package var hasAdobeMarker = true
    /// Blocks between two restart markers; 0 writes none.
    package var restartInterval = 0
    package var quality = 95

    package init(_ width: Int, _ height: Int, _ channels: Channels, samples: [UInt8]) {
        (self.width, self.height, self.channels, self.samples) = (width, height, channels, samples)
    }

    /// libjpeg ends the process where it fails: only a mistake in the lines below makes it.
    package var bytes: [UInt8] {
        let info = UnsafeMutablePointer<jpeg_compress_struct>.allocate(capacity: 1)
        let errors = UnsafeMutablePointer<jpeg_error_mgr>.allocate(capacity: 1)
        let start = UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>.allocate(capacity: 1)
        let count = UnsafeMutablePointer<UInt>.allocate(capacity: 1)
        defer {
            unsafe info.deallocate()
            unsafe errors.deallocate()
            unsafe start.deallocate()
            unsafe count.deallocate()
        }
        unsafe start.initialize(to: nil)
        unsafe count.initialize(to: 0)
        unsafe info.pointee.err = jpeg_std_error(errors)
        unsafe jpeg_CreateCompress(info, JPEG_LIB_VERSION, MemoryLayout<jpeg_compress_struct>.size)
        unsafe jpeg_mem_dest(info, start, count)
        unsafe info.pointee.image_width = JDIMENSION(width)
        unsafe info.pointee.image_height = JDIMENSION(height)
        unsafe info.pointee.input_components = Int32(channels.rawValue)
        unsafe info.pointee.in_color_space =
            switch channels {
            case .gray: JCS_GRAYSCALE
            case .rgb: JCS_RGB
            case .cmyk: JCS_CMYK
            }
        unsafe jpeg_set_defaults(info)
        unsafe jpeg_set_quality(info, Int32(quality), 1)
        if hasLumaOfInks { unsafe jpeg_set_colorspace(info, JCS_YCCK) }
        // Black is as large as luma.
        for component in channels == .rgb ? [0] : hasLumaOfInks ? [0, 3] : [] {
            unsafe info.pointee.comp_info[component].h_samp_factor = Int32(chroma.width)
            unsafe info.pointee.comp_info[component].v_samp_factor = Int32(chroma.height)
        }
        if isExtended {
            // T.81, B.2.4.2: baseline has the tables 0 and 1. libjpeg makes others itself, and names the frame by them.
            unsafe info.pointee.comp_info[2].dc_tbl_no = 2
            unsafe info.pointee.comp_info[2].ac_tbl_no = 2
            unsafe info.pointee.optimize_coding = 1
        }
        if !hasAdobeMarker { unsafe info.pointee.write_Adobe_marker = 0 }
        unsafe info.pointee.restart_interval = UInt32(restartInterval)
        if isProgressive { unsafe jpeg_simple_progression(info) }
        unsafe jpeg_start_compress(info, 1)
        let rowByteCount = width * channels.rawValue
        for y in 0..<height {
            var row = Array(samples[y * rowByteCount..<(y + 1) * rowByteCount])
            unsafe row.withUnsafeMutableBufferPointer { row in
                var address = row.baseAddress
                unsafe _ = jpeg_write_scanlines(info, &address, 1)
            }
        }
        unsafe jpeg_finish_compress(info)
        let file = unsafe Array(UnsafeBufferPointer(start: start.pointee, count: Int(count.pointee)))
        unsafe jpeg_destroy_compress(info)
        unsafe free(start.pointee)
        return file
    }
}
