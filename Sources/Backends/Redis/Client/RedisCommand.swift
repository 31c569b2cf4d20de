import CHiredis
import Jobs
import NIOCore

/// The words of one command.
struct RedisCommand: Sendable, Hashable {
    let words: [RedisArgument]

    init(_ words: [RedisArgument]) { self.words = words }

    /// The first key that it names, which decides the cluster node to ask; `nil` where any node will do.
    var key: String? {
        guard let name = words.first?.text.uppercased() else { return nil }
        let position: Int? =
            switch name {
            case "AUTH", "ASKING", "CLIENT", "CLUSTER", "CONFIG", "DEBUG", "INFO", "PING", "PUBLISH", "SCRIPT",
                "SELECT", "SUBSCRIBE":
                nil
            case "EVAL", "EVALSHA": 3
            case "XGROUP", "XINFO", "OBJECT": 2
            case "XREAD", "XREADGROUP": words.firstIndex { $0.text.uppercased() == "STREAMS" }.map { $0 + 1 }
            default: 1
            }
        guard let position, position < words.count else { return nil }
        return words[position].text
    }

    /// Appends the command as RESP2.
    func write(into buffer: inout ByteBuffer) throws {
        var bytes: [UInt8] = []
        var lengths: [Int] = []
        lengths.reserveCapacity(words.count)
        for word in words {
            let start = bytes.count
            switch word {
            case .text(let text): bytes.append(contentsOf: text.utf8)
            case .integer(let number): bytes.append(contentsOf: String(number).utf8)
            case .bytes(let raw): bytes.append(contentsOf: raw)
            }
            lengths.append(bytes.count - start)
        }
        // An empty array has no address, and hiredis reads nothing of an empty word.
        bytes.append(0)
        try unsafe bytes.withUnsafeBytes { bytes in
            guard let base = unsafe bytes.bindMemory(to: CChar.self).baseAddress else { return }
            var position = 0
            var pointers: [UnsafePointer<CChar>?] = unsafe lengths.map { length in
                defer { position += length }
                return unsafe base + position
            }
            var formatted: UnsafeMutablePointer<CChar>?
            let count = unsafe redisFormatCommandArgv(&formatted, Int32(lengths.count), &pointers, lengths)
            guard count >= 0, let formatted = unsafe formatted else {
                throw JobStoreError.unavailable(reason: "no memory for a command of \(bytes.count) bytes")
            }
            defer { unsafe redisFreeCommand(formatted) }
            unsafe buffer.writeBytes(UnsafeRawBufferPointer(start: formatted, count: Int(count)))
        }
    }
}
