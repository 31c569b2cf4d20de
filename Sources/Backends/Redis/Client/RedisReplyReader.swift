import CHiredis
import NIOCore

/// Owns one of hiredis' readers, which turns the bytes of a connection into replies.
@safe struct RedisReplyReader: ~Copyable {
    private let reader: UnsafeMutablePointer<redisReader>

    init() throws {
        guard let reader = unsafe redisReaderCreate() else { throw RedisProtocolError(reason: "out of memory") }
        unsafe self.reader = reader
    }

    deinit { unsafe redisReaderFree(reader) }

    /// Takes bytes as they came, in pieces of any size.
    mutating func feed(_ bytes: ByteBuffer) throws {
        let code = unsafe bytes.withUnsafeReadableBytes { bytes in
            let start = unsafe bytes.bindMemory(to: CChar.self).baseAddress
            return unsafe redisReaderFeed(reader, start, bytes.count)
        }
        guard code == REDIS_OK else { throw failure }
    }

    /// The next whole reply, or `nil` until more bytes come.
    mutating func next() throws -> RedisValue? {
        var reply: UnsafeMutableRawPointer?
        guard unsafe redisReaderGetReply(reader, &reply) == REDIS_OK else { throw failure }
        guard let reply = unsafe reply else { return nil }
        defer { unsafe freeReplyObject(reply) }
        return try unsafe Self.value(of: reply.assumingMemoryBound(to: redisReply.self).pointee)
    }

    /// An answer to any command of ours has fewer levels of arrays; hiredis before 1.0 allows as many, later ones any number.
    private static let mostLevels = 7

    private static func value(of reply: redisReply, level: Int = 0) throws -> RedisValue {
        switch unsafe reply.type {
        case REDIS_REPLY_NIL: return .null
        case REDIS_REPLY_INTEGER: return .integer(Int(unsafe reply.integer))
        case REDIS_REPLY_STRING, REDIS_REPLY_STATUS: return .text(unsafe text(of: reply))
        case REDIS_REPLY_ERROR:
            return .failure(RedisError(line: String(decoding: unsafe text(of: reply), as: UTF8.self)))
        case REDIS_REPLY_ARRAY:
            guard level < mostLevels else { throw RedisProtocolError(reason: "its arrays are nested too deeply") }
            let elements = unsafe UnsafeBufferPointer(start: reply.element, count: reply.elements)
            return .array(
                try unsafe elements.map { element in
                    guard let element = unsafe element else { throw RedisProtocolError(reason: "an array has a hole") }
                    return try unsafe value(of: element.pointee, level: level + 1)
                })
        case let type: throw RedisProtocolError(reason: "a reply has the unknown type \(type)")
        }
    }

    private static func text(of reply: redisReply) -> [UInt8] {
        unsafe Array(UnsafeRawBufferPointer(start: reply.str, count: reply.len))
    }

    private var failure: RedisProtocolError {
        let reason = unsafe withUnsafeBytes(of: reader.pointee.errstr) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return RedisProtocolError(reason: reason)
    }
}

/// What came is no answer of Redis, so that nothing that follows on the connection can be trusted.
struct RedisProtocolError: Error, Hashable, CustomStringConvertible {
    let reason: String
    var description: String { "the answer is not Redis': \(reason)" }
}
