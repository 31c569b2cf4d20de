import NIOCore

/// Cuts a `multipart/form-data` body into its parts (RFC 7578, RFC 2046) as its bytes arrive.
///
/// Bytes go in with ``receive(_:)`` in pieces of any size; ``next()`` hands out what they hold until it needs more. The
/// contents of parts come as slices of what went in: nothing is copied but the few bytes that a boundary might begin with.
/// What is kept between two pieces is at most a header, or less than a boundary.
struct MultipartParser {
    enum Event: Equatable {
        case partBegan(PartHeader)
        /// Never empty.
        case bytes(ByteBuffer)
        case partEnded
        /// Whatever follows the last boundary is of no interest.
        case ended
    }

    static let maximumParts = 16
    /// In bytes: a part's header, and what may stand before the first boundary.
    static let maximumHeader = 8 * 1024

    private enum State {
        case preamble
        /// Right behind a boundary: its line ends here, or the body does.
        case boundary
        case header
        case content
        case ended
    }

    /// CRLF, two hyphens and the boundary: the line break belongs to the delimiter (RFC 2046, section 5.1.1).
    private let delimiter: [UInt8]
    private var state = State.preamble
    // The first delimiter may open the body: with a line break before it, it looks like the others.
    private var pending = ByteBuffer(string: "\r\n")
    private var partCount = 0
    private var skipped = 0
    /// Bytes of a header that hold no end of it.
    private var searched = 0

    /// - Throws: ``MultipartError/invalidBoundary``.
    init(boundary: String) throws(MultipartError) {
        guard Self.isBoundary(boundary) else { throw .invalidBoundary }
        delimiter = Array("\r\n--\(boundary)".utf8)
    }

    mutating func receive(_ bytes: ByteBuffer) {
        if pending.readableBytes == 0 {
            pending = bytes
        } else {
            var joined = ByteBuffer()
            joined.reserveCapacity(pending.readableBytes + bytes.readableBytes)
            joined.writeImmutableBuffer(pending)
            joined.writeImmutableBuffer(bytes)
            pending = joined
        }
    }

    /// What comes next; `nil` where that takes more bytes.
    mutating func next() throws(MultipartError) -> Event? {
        while true {
            switch state {
            case .preamble:
                guard try skipPreamble() else { return nil }
                state = .boundary
            case .boundary:
                guard let isLast = try endOfBoundary() else { return nil }
                if isLast {
                    state = .ended
                    return .ended
                }
                partCount += 1
                guard partCount <= Self.maximumParts else { throw .tooManyParts(limit: Self.maximumParts) }
                searched = 0
                state = .header
            case .header:
                guard let header = try readHeader() else { return nil }
                state = .content
                return .partBegan(header)
            case .content:
                switch search() {
                case .nothing: return takeContent(pending.readableBytes)
                case .possible(let offset): return takeContent(offset)
                case .found(offset: 0):
                    pending.moveReaderIndex(forwardBy: delimiter.count)
                    state = .boundary
                    return .partEnded
                case .found(let offset): return takeContent(offset)
                }
            case .ended:
                pending.clear()
                return nil
            }
        }
    }

    /// Says that there will be no more bytes.
    ///
    /// - Throws: ``MultipartError/truncated`` where there should have been.
    func finish() throws(MultipartError) {
        guard case .ended = state else { throw .truncated }
    }

    // MARK: Boundaries

    private enum Finding {
        case nothing
        /// The bytes from here to the end may be the beginning of a delimiter.
        case possible(Int)
        case found(offset: Int)
    }

    /// Looks for the delimiter in what is pending. Its line break can only be its beginning, so a comparison that fails
    /// need not go back, and the search is linear whatever the bytes are.
    private func search() -> Finding {
        let view = pending.readableBytesView
        var position = view.startIndex
        while let start = view[position...].firstIndex(of: delimiter[0]) {
            var end = start + 1
            while end < view.endIndex, end - start < delimiter.count, view[end] == delimiter[end - start] { end += 1 }
            if end - start == delimiter.count { return .found(offset: start - view.startIndex) }
            if end == view.endIndex { return .possible(start - view.startIndex) }
            position = end
        }
        return .nothing
    }

    private mutating func takeContent(_ count: Int) -> Event? {
        guard count > 0, let slice = pending.readSlice(length: count) else { return nil }
        return .bytes(slice)
    }

    private mutating func skipPreamble() throws(MultipartError) -> Bool {
        let finding = search()
        let count =
            switch finding {
            case .nothing: pending.readableBytes
            case .possible(let offset), .found(let offset): offset
            }
        skipped += count
        guard skipped <= Self.maximumHeader else {
            throw .malformed(reason: "the body does not begin with its boundary")
        }
        pending.moveReaderIndex(forwardBy: count)
        guard case .found = finding else { return false }
        pending.moveReaderIndex(forwardBy: delimiter.count)
        return true
    }

    /// Reads to the end of the boundary's line, and leaves the line break for the header; `true` where the boundary is the
    /// last, `nil` where more bytes are needed.
    private mutating func endOfBoundary() throws(MultipartError) -> Bool? {
        let view = pending.readableBytesView
        // Two hyphens, or blanks that some gateway has put there and a line break.
        let blanks = view.prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.count
        guard blanks <= Self.maximumPadding else {
            throw .malformed(reason: "a boundary is followed by too many blanks")
        }
        let rest = view.dropFirst(blanks).prefix(2)
        if blanks == 0, rest.starts(with: "--".utf8) { return true }
        if rest.starts(with: "\r\n".utf8) {
            pending.moveReaderIndex(forwardBy: blanks)
            return false
        }
        let isOpen = rest.isEmpty || rest.count == 1 && (rest.first == 13 || blanks == 0 && rest.first == 45)
        guard isOpen else { throw .malformed(reason: "a boundary is followed by something else than a line break") }
        return nil
    }

    private static let maximumPadding = 64

    // MARK: Headers

    private mutating func readHeader() throws(MultipartError) -> PartHeader? {
        let view = pending.readableBytesView
        // The block begins with the line break of the boundary, so that one without fields ends at once.
        var position = view.startIndex + searched
        while let start = view[position...].firstIndex(of: 13) {
            let rest = view[start...].prefix(4)
            if rest.count < 4 {
                position = start
                break
            }
            if rest.elementsEqual([13, 10, 13, 10]) {
                guard start - view.startIndex <= Self.maximumHeader else { throw Self.headerTooLarge }
                let header = try PartHeader(view[view.startIndex..<start].dropFirst(2))
                pending.moveReaderIndex(forwardBy: start - view.startIndex + 4)
                return header
            }
            position = start + 1
        }
        searched = min(position - view.startIndex, max(0, view.count - 3))
        guard view.count <= Self.maximumHeader + 4 else { throw Self.headerTooLarge }
        return nil
    }

    private static let headerTooLarge = MultipartError.malformed(
        reason: "the header of a part may have \(maximumHeader) bytes")

    /// RFC 2046, section 5.1.1: 1 to 70 characters of these, and no blank at the end.
    private static func isBoundary(_ text: String) -> Bool {
        (1...70).contains(text.utf8.count) && text.utf8.last != UInt8(ascii: " ")
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "'()+_,-./:=? ".utf8.contains(byte)
                }
            }
    }
}
