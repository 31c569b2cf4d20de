import SystemPackage

/// An answer while it comes in.
struct IncomingAnswer {
    private let destination: CurlRequest.Destination
    private var status = 0
    private var fields: [String: String] = [:]
    private var bytes: [UInt8] = []
    private var byteCount = 0
    private var file: FileDescriptor?

    init(to destination: CurlRequest.Destination) { self.destination = destination }

    /// A line of the head, with its end. An interim answer (1xx) has a head of its own, which the final one replaces.
    mutating func takeLine(_ line: String) {
        let line = line.prefix { !$0.isNewline }
        if line.hasPrefix("HTTP/") {
            status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            fields = [:]
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...].trimmingSpaces
            fields[line[..<colon].lowercased(), default: ""].append(joining: value)
        }
    }

    mutating func take(_ piece: UnsafeRawBufferPointer) throws(CurlError) {
        byteCount += piece.count
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

    private var limit: Int {
        switch destination {
        case .memory(let limit) where isSuccess: limit
        case .file(_, let limit) where isSuccess: limit
        default: CurlRequest.otherBodyLimit
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
