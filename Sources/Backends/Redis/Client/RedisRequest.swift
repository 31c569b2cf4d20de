import Jobs
import NIOCore

/// Commands in a row, ready for the wire, and who waits for their answers.
struct RedisRequest: Sendable {
    let bytes: ByteBuffer
    /// How many answers belong to it.
    let count: Int
    /// When the wait ends, whoever is to blame.
    let deadline: NIODeadline
    /// Called once: with `count` answers, or with why there are none.
    let answer: @Sendable (Result<[RedisValue], any Error>) -> Void

    init(
        _ commands: [RedisCommand], by deadline: NIODeadline,
        answer: @escaping @Sendable (Result<[RedisValue], any Error>) -> Void
    ) throws {
        var bytes = ByteBuffer()
        for command in commands { try command.write(into: &bytes) }
        self.bytes = bytes
        count = commands.count
        self.deadline = deadline
        self.answer = answer
    }
}
