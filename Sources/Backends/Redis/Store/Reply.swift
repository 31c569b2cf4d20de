import Imaging
import Jobs

/// What a script answered, read one value after another.
struct Reply {
    private let values: [RedisValue]
    private var position = 0

    init(_ value: RedisValue) { values = value.array ?? [] }

    /// The next value; null behind the last.
    mutating func next() -> RedisValue {
        defer { position += 1 }
        return values.indices.contains(position) ? values[position] : .null
    }
}

/// The server answered something that no script of ours says.
struct UnreadableReply: Error, Hashable {
    let found: String
}

/// A value as what it must be; ``UnreadableReply`` is thrown where it is something else.
extension RedisValue {
    func asText() throws -> String { try expect(string) }
    func asInt() throws -> Int { try expect(int) }
    func asList() throws -> [RedisValue] { try expect(array) }
    func asID<ID: Identifier>() throws -> ID { try expect(string.flatMap { ID($0) }) }
    func asInts() throws -> Set<Int> { Set(try asList().map { try $0.asInt() }) }
    func asIDs<ID: Identifier>() throws -> [ID] { try asList().map { try $0.asID() } }
    func asState() throws -> Job.State { try expect(string.flatMap { Job.State(rawValue: $0) }) }
    func asTimestamp() throws -> Timestamp { try expect(int.map { Timestamp(milliseconds: Int64($0)) }) }
    func asBlob() throws -> BlobKey { BlobKey(rawValue: try asText()) }
    func asFormat() throws -> ImageFormat { try expect(string.flatMap { ImageFormat(rawValue: $0) }) }
    func asNumber() throws -> Double { try expect(string.flatMap { Double($0) }) }

    func asLine() throws -> Line { try expect(int.flatMap(Line.init)) }

    /// A list of ids, each followed by its job's line.
    func asReadyJobs() throws -> [ReadyJob] {
        let list = try asList()
        return try stride(from: 0, to: list.count - 1, by: 2).compactMap { index in
            let id: JobID = try list[index].asID()
            return try list[index + 1].asLine().priority.map { ReadyJob(id: id, priority: $0) }
        }
    }

    /// A list of names, each followed by its value.
    func asFields() throws -> Fields { Fields(try asList()) }

    private func expect<V>(_ value: V?) throws -> V {
        guard let value else { throw UnreadableReply(found: "\(self)") }
        return value
    }
}

/// The fields of a hash.
struct Fields {
    private let values: [String: RedisValue]

    init(_ list: [RedisValue]) {
        var values: [String: RedisValue] = [:]
        for index in stride(from: 0, to: list.count - 1, by: 2) {
            if let name = list[index].string { values[name] = list[index + 1] }
        }
        self.values = values
    }

    /// The value of a field; null where it is not there.
    subscript(name: String) -> RedisValue { values[name] ?? .null }

    /// The value of a field that may not be there.
    func find(_ name: String) -> RedisValue? { values[name] }
}

/// How our values are written as words of a command.
extension RedisArgument {
    init(_ id: some Identifier) { self = .text(id.description) }
    init(_ time: Timestamp) { self = .integer(Int(time.milliseconds)) }
    init(_ duration: Duration) { self = .integer(Int(duration.milliseconds)) }
    init(_ key: BlobKey) { self = .text(key.rawValue) }
    init(_ line: Line) { self = .integer(line.number) }
    init(_ state: Job.State) { self = .text(state.rawValue) }
}

extension Claim {
    var words: [RedisArgument] { [RedisArgument(job), RedisArgument(worker), .integer(fence)] }
}

extension JobFailure {
    var words: [RedisArgument] { [.text(code), .text(message), isRetryable ? 1 : 0] }
}
