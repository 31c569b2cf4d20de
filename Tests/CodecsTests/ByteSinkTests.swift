import Codecs
import FoundationEssentials
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct `Byte sinks` {
    @Test func `a file gets every byte, in order, whatever the pieces`() throws {
        let folder = FileManager.default.temporaryDirectory.path
        var name = Array("\(folder)/codecs-XXXXXX".utf8CString)
        let descriptor = unsafe mkstemp(&name)
        let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unsafe _ = unlink(path) }
        let sink = FileByteSink(descriptor: descriptor, path: path)
        var expected: [UInt8] = []
        for count in [1, 70_000, 65_536, 65_535, 0, 3, 200_000] {
            let piece = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ count) }
            try sink.write(piece.span)
            expected += piece
        }
        try sink.close()
        let written = try EncodedImage(path: path).withBytes { bytes in bytes.indices.map { bytes[$0] } }
        #expect(written == expected)
    }

    #if os(Linux)
        @Test func `a full disk is an error at the latest when the file is closed`() throws {
            let sink = FileByteSink(path: "/dev/full")
            try sink.write([1, 2, 3].span)
            #expect(throws: FileError(path: "/dev/full", code: ENOSPC)) { try sink.close() }
        }
    #endif

    @Test func `a file that the system does not close well is an error`() {
        // No descriptor has such a number.
        let sink = FileByteSink(descriptor: .max, path: "of another life")
        #expect(throws: FileError(path: "of another life", code: EBADF)) { try sink.close() }
    }

    @Test func `a folder that is not there is an error`() {
        #expect(throws: FileError(path: "/nowhere/file", code: ENOENT)) {
            try FileByteSink(path: "/nowhere/file").close()
        }
    }

    @Test func `few bytes are held, and make no file unless it is closed`() throws {
        let sink = FileByteSink(path: "/nowhere/file")
        try sink.write([UInt8](repeating: 1, count: 30_000).span)
        try sink.write([2].span)
        #expect(sink.held?.count == 30_001 && sink.held?.last == 2)
        #expect(throws: FileError(path: "/nowhere/file", code: ENOENT)) {
            try sink.write([UInt8](repeating: 1, count: 60_000).span)
        }
    }
}
