import Imaging
import Jobs
import NIOCore

/// A JSON value whose members keep the order in which they were written, so that answers read as their documentation does.
enum JSON: Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([(name: String, value: JSON)])
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    init(nilLiteral: ()) { self = .null }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(integerLiteral value: Int) { self = .integer(value) }
    init(floatLiteral value: Double) { self = .number(value) }
    init(stringLiteral value: String) { self = .string(value) }
    init(arrayLiteral elements: JSON...) { self = .array(elements) }
    init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements.map { (name: $0.0, value: $0.1) }) }
}

extension JSON {
    /// A value in words of ours, such as an id or a time; `null` where there is none.
    init(_ value: (some CustomStringConvertible)?) { self = value.map { .string($0.description) } ?? .null }

    /// To three places: more is noise.
    init(rounding value: Double?) { self = value.map { .number(($0 * 1000).rounded() / 1000) } ?? .null }

    /// In seconds, to the microsecond.
    init(microseconds duration: Duration) { self = .number((duration.seconds * 1e6).rounded() / 1e6) }

    /// The members of an object come in the order of their names, an operation's `type` first.
    init(_ value: JSONValue) {
        switch value {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .number(let value): self = Int(exactly: value).map(JSON.integer) ?? .number(value)
        case .string(let value): self = .string(value)
        case .array(let values): self = .array(values.map(JSON.init))
        case .object(let members):
            self = .object(
                members.sorted { $0.key == "type" || $1.key != "type" && $0.key < $1.key }
                    .map { (name: $0.key, value: JSON($0.value)) })
        }
    }
}

extension JSON {
    /// The text, as RFC 8259 has it.
    var text: ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(512)
        write(to: &buffer)
        return buffer
    }

    private func write(to buffer: inout ByteBuffer) {
        switch self {
        case .null: buffer.writeStaticString("null")
        case .bool(let value): buffer.writeString(value ? "true" : "false")
        case .integer(let value): buffer.writeString(String(value))
        // There is no other way to say "not a number" in JSON.
        case .number(let value): buffer.writeString(value.isFinite ? value.description : "null")
        case .string(let value): Self.write(value, to: &buffer)
        case .array(let values):
            buffer.writeStaticString("[")
            for (index, value) in values.enumerated() {
                if index > 0 { buffer.writeStaticString(",") }
                value.write(to: &buffer)
            }
            buffer.writeStaticString("]")
        case .object(let members):
            buffer.writeStaticString("{")
            for (index, member) in members.enumerated() {
                if index > 0 { buffer.writeStaticString(",") }
                Self.write(member.name, to: &buffer)
                buffer.writeStaticString(":")
                member.value.write(to: &buffer)
            }
            buffer.writeStaticString("}")
        }
    }

    private static func write(_ string: String, to buffer: inout ByteBuffer) {
        buffer.writeStaticString("\"")
        if string.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            buffer.writeString(string)
        } else {
            for byte in string.utf8 {
                switch byte {
                case UInt8(ascii: "\""): buffer.writeStaticString("\\\"")
                case UInt8(ascii: "\\"): buffer.writeStaticString("\\\\")
                case UInt8(ascii: "\n"): buffer.writeStaticString("\\n")
                case UInt8(ascii: "\r"): buffer.writeStaticString("\\r")
                case UInt8(ascii: "\t"): buffer.writeStaticString("\\t")
                case 0..<0x20:
                    buffer.writeString("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16))
                default: buffer.writeInteger(byte)
                }
            }
        }
        buffer.writeStaticString("\"")
    }
}
