import CClients
import CCurl

/// Owns one multi handle: the transfers under way, and the connections that are kept for later ones.
///
/// Unchecked because of the pointer alone, which never changes. libcurl allows ``wake()`` at any time from any thread (the
/// manual's curl_multi_wakeup); everything else is called by ``CurlLoop/run()`` only, on its one thread, which begins after
/// `init`. The handle is freed when neither that thread nor any caller of ``wake()`` has a reference left.
@safe final class CurlMulti: @unchecked Sendable {
    private let handle: UnsafeMutableRawPointer

    /// - Parameter connections: how many are kept open while they are not in use.
    init(connections: Int) throws(CurlError) {
        if let failure = unsafe cclients_curl_failure() {
            throw .unreachable(reason: unsafe String(cString: failure))
        }
        guard Self.isReady, let handle = unsafe curl_multi_init() else {
            throw .unreachable(reason: "libcurl does not start")
        }
        unsafe self.handle = handle
        unsafe ccurl_multi_set_long(handle, CURLMOPT_MAXCONNECTS, connections)
        unsafe ccurl_multi_set_long(handle, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING))
    }

    deinit { unsafe curl_multi_cleanup(handle) }

    private static let isReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    /// Ends the wait of the thread, or its next one.
    func wake() { unsafe curl_multi_wakeup(handle) }

    /// Waits for bytes, for libcurl's own time limits or for ``wake()``.
    func wait(atMost duration: Duration) {
        unsafe curl_multi_poll(handle, nil, 0, CInt(max(0, duration.milliseconds)), nil)
    }

    func perform() {
        var count: CInt = 0
        unsafe curl_multi_perform(handle, &count)
    }

    func add(_ transfer: CurlTransfer) throws(CurlError) {
        let code = unsafe curl_multi_add_handle(handle, transfer.easy.handle)
        guard code == CURLM_OK else { throw .broken(reason: unsafe String(cString: curl_multi_strerror(code))) }
    }

    func remove(_ transfer: CurlTransfer) { unsafe curl_multi_remove_handle(handle, transfer.easy.handle) }

    func nextEnded() -> (CurlTransfer, CURLcode)? {
        var code = CURLE_OK
        guard let context = unsafe ccurl_multi_next_ended(handle, &code) else { return nil }
        return (unsafe CurlTransfer.from(context), code)
    }
}

extension Duration {
    /// Rounded up, so that a wait is not cut short.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
