import SystemPackage

/// A request's body, read piece by piece, and again from its start where libcurl had to connect anew.
struct OutgoingBody {
    private enum Source {
        case bytes([UInt8])
        case file(FileDescriptor, start: Int)
    }

    private let source: Source
    private let byteCount: Int
    private var position = 0

    init(_ body: CurlRequest.Body) throws(CurlError) {
        byteCount = body.byteCount
        switch body {
        case .bytes(let bytes): source = .bytes(bytes)
        case .file(let path, let range):
            let file = try reportingErrno {
                try FileDescriptor.open(path, .readOnly, options: [.noFollow, .closeOnExec])
            }
            source = .file(file, start: range.lowerBound)
        }
    }

    mutating func seek(to offset: Int) { position = min(max(0, offset), byteCount) }

    /// Fills as much of `room` as there are bytes for.
    mutating func read(into room: UnsafeMutableRawBufferPointer) throws(CurlError) -> Int {
        let wanted = min(room.count, byteCount - position)
        switch source {
        case .bytes(let bytes): unsafe room.copyBytes(from: bytes[position..<position + wanted])
        case .file(let file, let start):
            var filled = 0
            while filled < wanted {
                let count = try reportingErrno {
                    try unsafe file.read(
                        fromAbsoluteOffset: Int64(start + position + filled),
                        into: UnsafeMutableRawBufferPointer(rebasing: room[filled..<wanted]))
                }
                guard count > 0 else { throw .broken(reason: "The file became shorter while it was sent") }
                filled += count
            }
        }
        position += wanted
        return wanted
    }

    func close() {
        if case .file(let file, _) = source { try? file.close() }
    }
}

func reportingErrno<R>(_ body: () throws -> R) throws(CurlError) -> R {
    do {
        return try body()
    } catch let errno as Errno {
        throw .file(errno)
    } catch {
        throw .broken(reason: "\(error)")
    }
}
