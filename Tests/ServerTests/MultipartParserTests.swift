import NIOCore
import Testing

@testable import Server

@Suite struct `A multipart parser` {
    private static let boundary = "AaB03x"

    @Test func `finds the same parts wherever the body is torn apart`() throws {
        // Contents that look like boundaries, and begin like them.
        let contents = [
            "", "\r\n", "\r\n--", "\r\n--AaB03", "--AaB03x", "a\r\n\r\n--AaB03y\r", "\r\r\n-\r\n--AaB0\r\n\r",
        ]
        let body = Self.body(contents)
        let whole = try Self.parts([body])
        #expect(whole.map(\.content) == contents.map { Array($0.utf8) })
        #expect(whole.map(\.header.name) == contents.indices.map { "n\($0)" })
        for cut in 1..<body.count {
            let parts = try Self.parts([Array(body[..<cut]), Array(body[cut...])])
            #expect(parts == whole, "cut at \(cut)")
        }
        #expect(try Self.parts(body.map { [$0] }) == whole)
    }

    @Test func `gives slices of what came in, not copies`() throws {
        var parser = try MultipartParser(boundary: Self.boundary)
        parser.receive(ByteBuffer(string: "--AaB03x\r\nContent-Disposition: form-data; name=a\r\n\r\n"))
        guard case .partBegan = try parser.next() else { return #expect(Bool(false)) }
        let piece = ByteBuffer(repeating: 7, count: 1 << 20)
        parser.receive(piece)
        guard case .bytes(let slice)? = try parser.next() else { return #expect(Bool(false)) }
        #expect(slice.readableBytes == 1 << 20)
        let source = unsafe piece.withUnsafeReadableBytes { Int(bitPattern: $0.baseAddress) }
        let target = unsafe slice.withUnsafeReadableBytes { Int(bitPattern: $0.baseAddress) }
        #expect(target == source)
        #expect(try parser.next() == nil)
    }

    @Test func `passes over a preamble, blanks after a boundary, and an epilogue`() throws {
        let text = "hello\r\n--AaB03x \t\r\n\(Self.header("a"))\r\n\r\nx\r\n--AaB03x--\r\nand good bye --AaB03x\r\n"
        #expect(try Self.parts([Array(text.utf8)]).map(\.content) == [Array("x".utf8)])
    }

    @Test(arguments: [
        "", "--AaB03x", "--AaB03x\r\n", "--AaB03x\r\n\(header("a"))\r\n\r\n",
        "--AaB03x\r\n\(header("a"))\r\n\r\nx\r\n--AaB03x",
        "--AaB03x\r\n\(header("a"))\r\n\r\nx\r\n--AaB03x-",
    ])
    func `says that a body is cut off`(_ text: String) {
        #expect(throws: MultipartError.truncated) { try Self.parts([Array(text.utf8)]) }
    }

    @Test(arguments: [
        "--AaB03xy\r\n\(header("a"))\r\n\r\nx\r\n--AaB03x--",
        "--AaB03x\n\(header("a"))\n\nx\n--AaB03x--",
        "--AaB03x\r\nnonsense\r\n\r\nx\r\n--AaB03x--",
        "--AaB03x\r\n\r\nx\r\n--AaB03x--",
        "--AaB03x\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--AaB03x--",
        "--AaB03x\r\nContent-Disposition: form-data\r\n\r\nx\r\n--AaB03x--",
        "--AaB03x\r\n\(header("a"))\r\n\(header("b"))\r\n\r\nx\r\n--AaB03x--",
        "--AaB03x\r\n\(header("a"))\r\n folded\r\n\r\nx\r\n--AaB03x--",
        "--AaB03x\r\n\(header("a"))\r\nContent-Transfer-Encoding: base64\r\n\r\neA==\r\n--AaB03x--",
    ])
    func `refuses what is malformed`(_ text: String) {
        #expect {
            try Self.parts([Array(text.utf8)])
        } throws: {
            if case MultipartError.malformed = $0 { true } else { false }
        }
    }

    @Test func `bounds the number of parts, the header of a part, and the preamble`() throws {
        #expect(try Self.parts([Self.body(Array(repeating: "x", count: 16))]).count == 16)
        #expect(throws: MultipartError.tooManyParts(limit: 16)) {
            try Self.parts([Self.body(Array(repeating: "x", count: 17))])
        }
        for size in [8000, 8300] {
            let long = "--AaB03x\r\n\(Self.header("a"))\r\nX-Long: \(String(repeating: "x", count: size))\r\n\r\n"
            // The header has to be refused before its end has come.
            let isRefused = (try? Self.events([Array(long.utf8.dropLast(4))])) == nil
            #expect(isRefused == (size > 8192), "\(size)")
        }
        let many = (0..<33).map { "X-\($0): y\r\n" }.joined()
        #expect(throws: MultipartError.self) {
            try Self.parts([Array("--AaB03x\r\n\(many)\(Self.header("a"))\r\n\r\nx\r\n--AaB03x--".utf8)])
        }
        #expect(throws: MultipartError.self) { try Self.events([Array(repeating: 0x41, count: 9000)]) }
    }

    @Test(arguments: [
        ("", false), ("a", true), (String(repeating: "a", count: 70), true), (String(repeating: "a", count: 71), false),
        ("with space", true), ("ends with space ", false), ("semi;colon", false), ("ünicode", false),
        ("a'()+_,-./:=?", true),
    ])
    func `knows a boundary`(_ boundary: String, _ isValid: Bool) {
        #expect(((try? MultipartParser(boundary: boundary)) != nil) == isValid)
    }

    @Test func `takes time in proportion to the body, whatever is in it`() throws {
        // Each byte begins a delimiter, or goes on with one almost to its end.
        let hostile = String(repeating: "\r\n--AaB03", count: 5000)
        let clock = ContinuousClock()
        /// The shortest of several, which other work on the machine has disturbed least.
        func time(_ content: String) throws -> Duration {
            let body = Self.body([content])
            return try (0..<5).map { _ in try clock.measure { _ = try Self.parts([body]) } }.min() ?? .zero
        }
        let once = try time(hostile)
        let fourfold = try time(String(repeating: hostile, count: 4))
        // Four times as much takes four times as long; sixteen times would be the square.
        #expect(fourfold < once * 10, "\(once), \(fourfold)")
    }

    // MARK: -

    struct Parsed: Equatable {
        let header: PartHeader
        var content: [UInt8] = []
    }

    private static func header(_ name: String) -> String { "Content-Disposition: form-data; name=\"\(name)\"" }

    private static func body(_ contents: [String]) -> [UInt8] {
        let parts = contents.enumerated().map { "--\(boundary)\r\n\(header("n\($0)"))\r\n\r\n\($1)\r\n" }
        return Array((parts.joined() + "--\(boundary)--\r\n").utf8)
    }

    private static func events(_ pieces: [[UInt8]]) throws -> (events: [MultipartParser.Event], parser: MultipartParser)
    {
        var parser = try MultipartParser(boundary: boundary)
        var events: [MultipartParser.Event] = []
        for piece in pieces {
            parser.receive(ByteBuffer(bytes: piece))
            while let event = try parser.next() { events.append(event) }
        }
        return (events, parser)
    }

    private static func parts(_ pieces: [[UInt8]]) throws -> [Parsed] {
        let (events, parser) = try events(pieces)
        try parser.finish()
        var parts: [Parsed] = []
        for event in events {
            switch event {
            case .partBegan(let header): parts.append(Parsed(header: header))
            case .bytes(let bytes): parts[parts.count - 1].content += Array(bytes.readableBytesView)
            case .partEnded, .ended: break
            }
        }
        return parts
    }
}
