/// What a server answers (RESP2).
package enum RedisValue: Sendable, Hashable {
    /// A null bulk string or a null array: nothing there, or a wait that ended without anything.
    case null
    case integer(Int)
    /// A simple string, or a bulk string.
    case text([UInt8])
    case array([RedisValue])
    /// An error inside an array; one that is the whole answer is thrown.
    case failure(RedisError)

    /// The text, or the number written out; malformed UTF-8 is repaired.
    package var string: String? {
        switch self {
        case .text(let bytes): String(decoding: bytes, as: UTF8.self)
        case .integer(let number): String(number)
        case .null, .array, .failure: nil
        }
    }

    /// The number, or the one that a text spells: Redis keeps numbers in hashes as texts.
    package var int: Int? {
        switch self {
        case .integer(let number): number
        case .text: string.flatMap { Int($0) }
        case .null, .array, .failure: nil
        }
    }

    package var bytes: [UInt8]? { if case .text(let bytes) = self { bytes } else { nil } }

    package var array: [RedisValue]? { if case .array(let values) = self { values } else { nil } }

    var error: RedisError? { if case .failure(let error) = self { error } else { nil } }

    /// Where a cluster says that the key is.
    var redirection: RedisRedirection? { error.flatMap { RedisRedirection($0) } }
}
