import CCurl
import SystemPackage

/// One request while it runs. It lives on the client's thread.
@safe final class CurlTransfer {
    let order: CurlOrder
    let easy: CurlEasy
    private let mayConnect: @Sendable (ResolvedAddress) -> Bool
    private var body: OutgoingBody
    private var answer: IncomingAnswer
    private(set) var movedAt: ContinuousClock.Instant
    /// What a callback could not throw through libcurl.
    private var failure: CurlError?
    /// Whether an address was allowed.
    private var hasSocket = false

    /// - Parameter waitingSince: since when no byte has moved on any connection while the order waited for its turn.
    init(
        _ order: CurlOrder, profile: CurlProfile, waitingSince: ContinuousClock.Instant
    ) throws(CurlError) {
        self.order = order
        movedAt = waitingSince
        easy = try CurlEasy()
        mayConnect = profile.mayConnect
        body = try OutgoingBody(order.request.body)
        answer = IncomingAnswer(to: order.request)
        try apply(profile)
        try apply(order.request)
        try setCallbacks()
    }

    /// When nothing will have moved for too long.
    var deadline: ContinuousClock.Instant { movedAt + order.request.idleLimit }

    /// What a transfer ends with at its deadline.
    func resultAtDeadline() -> Result<CurlResponse, any Error> {
        failure = .timedOut(reason: "Nothing came or went for \(order.request.idleLimit.milliseconds) ms")
        return result(CURLE_OPERATION_TIMEDOUT)
    }

    func result(_ code: CURLcode) -> Result<CurlResponse, any Error> {
        do throws(CurlError) {
            guard code == CURLE_OK || answer.isSettled else { throw failure ?? error(for: code) }
            return .success(try answer.finished())
        } catch {
            return .failure(error)
        }
    }

    private func error(for code: CURLcode) -> CurlError {
        // libcurl has the same code for a URL of another protocol, for which it makes no connection.
        if code == CURLE_UNSUPPORTED_PROTOCOL, hasSocket { return .unusable(reason: "The server does not speak HTTP") }
        return CurlError(code)
    }

    // Also where the transfer could not begin.
    deinit {
        body.close()
        answer.close()
    }

    private func apply(_ profile: CurlProfile) throws(CurlError) {
        try easy.set(CURLOPT_NOSIGNAL, 1)
        try easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
        try easy.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        try easy.set(CURLOPT_PROXY, "")
        try easy.set(CURLOPT_PATH_AS_IS, 1)
        try easy.set(CURLOPT_USERAGENT, profile.userAgent)
        try easy.set(CURLOPT_CONNECTTIMEOUT_MS, profile.connectLimit.milliseconds)
        // Where a name's look-up takes too long, libcurl would otherwise wait for it when it gives up, and with it every
        // other transfer of this thread. The look-up has a thread of its own, which then tidies up after itself.
        try easy.set(CURLOPT_QUICK_EXIT, 1)
        // Larger than the default, for fewer turns of the loop a megabyte.
        try easy.set(CURLOPT_BUFFERSIZE, 256 * 1024)
        try easy.set(CURLOPT_UPLOAD_BUFFERSIZE, 256 * 1024)
        if let file = profile.trustedCertificates {
            try easy.set(CURLOPT_CAINFO, file.string)
            // libcurl would trust the system's folder as well.
            try easy.clear(CURLOPT_CAPATH)
        }
    }

    private func apply(_ request: CurlRequest) throws(CurlError) {
        try easy.set(CURLOPT_URL, request.url)
        switch request.method {
        case .get: break
        case .head: try easy.set(CURLOPT_NOBODY, 1)
        case .put: try easy.setUpload(byteCount: request.body.byteCount)
        case .post:
            try easy.setUpload(byteCount: request.body.byteCount)
            try easy.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        case .delete: try easy.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        }
        try easy.setFields(request.fields)
        try easy.set(CURLOPT_LOW_SPEED_LIMIT, request.leastSpeed)
        try easy.set(CURLOPT_LOW_SPEED_TIME, 10)
        if let limit = request.totalLimit { try easy.set(CURLOPT_TIMEOUT_MS, limit.milliseconds) }
    }
}

// MARK: Callbacks

extension CurlTransfer {
    /// - Parameter context: what ``setCallbacks()`` gave libcurl, which keeps it only as long as the desk keeps the transfer.
    static func from(_ context: UnsafeMutableRawPointer) -> CurlTransfer {
        unsafe Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
    }

    private func setCallbacks() throws(CurlError) {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        try easy.check(
            unsafe ccurl_set_callbacks(
                easy.handle, context,
                { context, _, address in
                    guard let context = unsafe context, let address = unsafe address else { return -1 }
                    return unsafe CurlTransfer.from(context).openSocket(address)
                },
                { buffer, size, count, context in
                    guard let context = unsafe context, let buffer = unsafe buffer else { return 0 }
                    let room = unsafe UnsafeMutableRawBufferPointer(start: buffer, count: size * count)
                    return unsafe CurlTransfer.from(context).read(into: room)
                },
                { context, offset, origin in
                    guard let context = unsafe context, origin == SEEK_SET else { return CURL_SEEKFUNC_FAIL }
                    unsafe CurlTransfer.from(context).body.seek(to: Int(offset))
                    return CURL_SEEKFUNC_OK
                },
                { bytes, size, count, context in
                    guard let context = unsafe context, let bytes = unsafe bytes else { return 0 }
                    let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
                    return unsafe CurlTransfer.from(context).takeLine(String(decoding: line, as: UTF8.self))
                        ? line.count : 0
                },
                { bytes, size, count, context in
                    guard let context = unsafe context, let bytes = unsafe bytes else { return 0 }
                    let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
                    return unsafe CurlTransfer.from(context).take(piece) ? piece.count : 0
                }))
    }

    /// - Returns: a socket, or -1, which is libcurl's `CURL_SOCKET_BAD`: it then tries the name's next address.
    private func openSocket(_ address: UnsafePointer<curl_sockaddr>) -> CInt {
        var port: UInt16 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
            guard let start = buffer.baseAddress else { return }
            count = Int(unsafe ccurl_address(address, start, &port))
        }
        guard !bytes.isEmpty, mayConnect(ResolvedAddress(bytes: bytes, port: port)) else {
            if !hasSocket { failure = .forbiddenAddress }
            return -1
        }
        // Another address of the name is allowed: what now goes wrong is not the filter.
        hasSocket = true
        failure = nil
        return unsafe ccurl_socket(address)
    }

    private func read(into room: UnsafeMutableRawBufferPointer) -> Int {
        movedAt = .now
        do throws(CurlError) {
            return try unsafe body.read(into: room)
        } catch {
            failure = error
            return Int(CURL_READFUNC_ABORT)
        }
    }

    /// - Returns: whether the transfer goes on.
    private func takeLine(_ line: String) -> Bool {
        movedAt = .now
        do throws(CurlError) {
            try answer.takeLine(line)
            return !answer.isCutOff
        } catch {
            failure = error
            return false
        }
    }

    private func take(_ piece: UnsafeRawBufferPointer) -> Bool {
        movedAt = .now
        do throws(CurlError) {
            try unsafe answer.take(piece)
            return !answer.isCutOff
        } catch {
            failure = error
            return false
        }
    }
}
