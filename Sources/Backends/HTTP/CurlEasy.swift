import CCurl

/// Owns one easy handle: what libcurl is told about one transfer.
@safe final class CurlEasy {
    let handle: UnsafeMutableRawPointer
    private var headers: UnsafeMutablePointer<curl_slist>?

    init() throws(CurlError) {
        guard let handle = unsafe curl_easy_init() else { throw .broken(reason: "out of memory") }
        unsafe self.handle = handle
    }

    deinit {
        unsafe curl_easy_cleanup(handle)
        unsafe curl_slist_free_all(headers)
    }

    func set(_ option: CURLoption, _ value: Int) throws(CurlError) {
        try check(unsafe ccurl_set_long(handle, option, value))
    }

    func set(_ option: CURLoption, _ text: String) throws(CurlError) {
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw .unusable(reason: "a control character in a URL")
        }
        try check(unsafe ccurl_set_text(handle, option, text))
    }

    /// Takes away a text that libcurl begins with.
    func clear(_ option: CURLoption) throws(CurlError) {
        try check(unsafe ccurl_set_text(handle, option, nil))
    }

    func setUpload(byteCount: Int) throws(CurlError) {
        try check(unsafe ccurl_set_upload(handle, curl_off_t(byteCount)))
    }

    /// - Parameter fields: names and values; an empty value takes a field away that libcurl would send.
    func setFields(_ fields: [String: String]) throws(CurlError) {
        for (name, value) in fields {
            guard !(name + value).utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else {
                throw .unusable(reason: "a control character in the field \(name)")
            }
            guard let longer = unsafe curl_slist_append(headers, "\(name): \(value)") else {
                throw .broken(reason: "out of memory")
            }
            unsafe headers = longer
        }
        try check(unsafe ccurl_set_headers(handle, headers))
    }

    func check(_ code: CURLcode) throws(CurlError) {
        guard code == CURLE_OK else { throw CurlError(code) }
    }
}
