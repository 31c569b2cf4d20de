/// One word of a command: any bytes.
package enum RedisArgument: Sendable, Hashable {
    case text(String)
    case integer(Int)
    case bytes([UInt8])

    package init(_ text: String) { self = .text(text) }
    package init(_ number: Int) { self = .integer(number) }
    package init(_ bytes: [UInt8]) { self = .bytes(bytes) }

    var text: String {
        switch self {
        case .text(let text): text
        case .integer(let number): String(number)
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        }
    }
}

extension RedisArgument: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral {
    package init(stringLiteral text: String) { self = .text(text) }
    package init(integerLiteral number: Int) { self = .integer(number) }
}
