import CCurl
import CGIF
import CHiredis
import CISAL
import CLCMS
import CLibJPEG
import CLibPNG
import CLibTIFF
import CMySQL
import CPostgres
import CRabbitMQ
import CSQLite
import CWebP
import CZlib
import Imaging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The C libraries that this program runs on, which a scan of the image for vulnerabilities should agree with.
enum CLibraries {
    /// By name. libjpeg-turbo, giflib, hiredis and ISA-L say only what the program was built with, the others what it runs on.
    @safe static var versions: [String: String] {
        var versions = unsafe [
            "libjpeg-turbo": dotted(Int(LIBJPEG_TURBO_VERSION_NUMBER), base: 1000),
            "libpng": text(png_get_libpng_ver(nil)),
            "libwebp": dotted(Int(WebPGetDecoderVersion()), base: 256),
            "libtiff": tiff,
            "Little CMS": "\(cmsGetEncodedCMMversion() / 1000).\(cmsGetEncodedCMMversion() % 1000 / 10)",
            "giflib": "\(GIFLIB_MAJOR).\(GIFLIB_MINOR).\(GIFLIB_RELEASE)",
            "libcurl": text(curl_version_info(CURLVERSION_FIRST)?.pointee.version),
            "SQLite": text(sqlite3_libversion()),
            "libpq": "\(PQlibVersion() / 10000).\(PQlibVersion() % 10000)",
            "libmariadb": text(mysql_get_client_info()),
            "hiredis": "\(HIREDIS_MAJOR).\(HIREDIS_MINOR).\(HIREDIS_PATCH)",
            "ISA-L": "\(ISAL_MAJOR_VERSION).\(ISAL_MINOR_VERSION).\(ISAL_PATCH_VERSION)",
            "librabbitmq": text(amqp_version()),
            "zlib": text(zlibVersion()),
        ]
        versions["jemalloc"] = jemalloc
        return versions
    }

    /// `5.3.0-0-g54eaed1d…`; `nil` where the program was linked with the system's allocator alone.
    private static var jemalloc: String? {
        typealias Control =
            @convention(c) (
                UnsafePointer<CChar>, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int>?, UnsafeMutableRawPointer?,
                Int
            ) -> Int32
        guard let symbol = unsafe dlsym(nil, "mallctl") else { return nil }
        // jemalloc's manual, mallctl(3): version is a const char *.
        let control = unsafe unsafeBitCast(symbol, to: Control.self)
        var version: UnsafePointer<CChar>?
        var count = unsafe MemoryLayout<UnsafePointer<CChar>?>.size
        guard unsafe control("version", &version, &count, nil, 0) == 0 else { return nil }
        return unsafe String(text(version).prefix { $0 != "-" })
    }

    /// `LIBTIFF, Version 4.5.0`, and lines about copyright.
    private static var tiff: String {
        let line = unsafe text(TIFFGetVersion()).prefix { !$0.isNewline }
        return line.split(separator: " ").last.map(String.init) ?? ""
    }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String {
        unsafe pointer.map { unsafe String(cString: $0) } ?? ""
    }

    /// Three numbers in one.
    private static func dotted(_ number: Int, base: Int) -> String {
        "\(number / base / base).\(number / base % base).\(number % base)"
    }
}
