import SystemPackage

/// An answer while it comes in.
struct IncomingAnswer {
    private static let headLimit = 256 * 1024

    private let destination: CurlRequest.Destination
    private let otherBodyLimit: Int
    private let hasBody: Bool
    /// Of all heads, those of interim answers too.
    private var headByteCount = 0
    /// Whether what came is the answer, however the transfer ends.
    private(set) var isSettled = false
    /// Whether nothing more is read of a settled one.
    private(set) var isCutOff = false
    private var status = 0
    private var fields: [String: String] = [:]
    private var bytes: [UInt8] = []
    private var byteCount = 0
    private var file: FileDescriptor?

    init(to request: CurlRequest) {
        destination = request.destination
        otherBodyLimit = request.otherBodyLimit
        hasBody = request.method != .head
    }

    /// A line of the head, with its end. An interim answer (1xx) has a head of its own, which the final one replaces.
    mutating func takeLine(_ line: String) throws(CurlError) {
        headByteCount += line.utf8.count
        guard headByteCount <= Self.headLimit else {
            throw .broken(reason: "The answer's head is longer than \(Self.headLimit) bytes")
        }
        let line = line.prefix { !$0.isNewline }
        if line.hasPrefix("HTTP/") {
            status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            fields = [:]
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...].trimmingSpaces
            fields[line[..<colon].lowercased(), default: ""].append(joining: value)
        } else if line.isEmpty {
            try endHead()
        }
    }

    private mutating func endHead() throws(CurlError) {
        guard status >= 200 else { return }
        let isTooLong = hasBody && fields["content-length"].flatMap { Int($0) } ?? 0 > limit
        isSettled = isDropped || !isSuccess && otherBodyLimit == 0
        isCutOff = isSettled && (isTooLong || limit == 0)
        if isSuccess, isTooLong, !isSettled { throw .tooLarge(limit: limit) }
    }

    mutating func take(_ piece: UnsafeRawBufferPointer) throws(CurlError) {
        byteCount += piece.count
        if isDropped { return isCutOff = byteCount > limit }
        guard byteCount <= limit else { throw .tooLarge(limit: limit) }
        guard let file = try openFile() else { return unsafe bytes.append(contentsOf: piece) }
        try reportingErrno { _ = try unsafe file.writeAll(piece) }
    }

    mutating func finished() throws(CurlError) -> CurlResponse {
        // An empty body is an empty file.
        _ = try openFile()
        return CurlResponse(status: status, fields: fields, body: bytes, byteCount: byteCount)
    }

    func close() { try? file?.close() }

    private var isSuccess: Bool { (200..<300).contains(status) }

    private var isDropped: Bool {
        if case .nowhere = destination { true } else { false }
    }

    private var limit: Int {
        switch destination {
        case .nowhere(let limit): limit
        case .memory(let limit) where isSuccess: limit
        case .file(_, let limit) where isSuccess: limit
        default: otherBodyLimit
        }
    }

    /// The file that the body goes to, if it goes to one.
    private mutating func openFile() throws(CurlError) -> FileDescriptor? {
        guard file == nil, isSuccess, case .file(let path, _) = destination else { return file }
        file = try reportingErrno {
            try FileDescriptor.open(
                path, .writeOnly, options: [.create, .truncate, .noFollow, .closeOnExec], permissions: .ownerReadWrite)
        }
        return file
    }
}

extension String {
    fileprivate mutating func append(joining value: Substring) {
        self = isEmpty ? String(value) : "\(self), \(value)"
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" }
        let start = drop(while: isSpace)
        return start.lastIndex { !isSpace($0) }.map { start[...$0] } ?? ""
    }
}
