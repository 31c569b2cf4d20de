import NIOCore
import Testing

@testable import RabbitMQBackend

/// The bytes are spelled out, in hexadecimal, as AMQP 0-9-1 says (sections 4.2 and 1.8), not taken from a run.
@Suite struct `AMQP codec` {
    /// `basic.ack` of all up to 7, on channel 1.
    private static let ack = bytes("01 0001 0000000D  003C 0050 0000000000000007 01  CE")
    private static let heartbeat = bytes("08 0000 00000000 CE")

    @Test(arguments: [1, 2, 3, 7, 21, 1000])
    func `frames are read however the bytes are cut`(_ pieceLength: Int) throws {
        let decoder = try AMQPDecoder()
        let bytes = Self.ack + Self.heartbeat + Self.ack
        var frames: [AMQPFrame] = []
        for start in stride(from: 0, to: bytes.count, by: pieceLength) {
            var buffer = ByteBuffer(bytes: bytes[start..<min(start + pieceLength, bytes.count)])
            while let (_, frame) = try decoder.next(from: &buffer) { frames.append(frame) }
        }
        let ack = AMQPFrame.method(.confirmed(tag: 7, isMultiple: true, isTaken: true))
        #expect(frames == [ack, .heartbeat, ack])
    }

    @Test(arguments: [
        ("no end where the length says", "01 0001 0000000D  003C 0050 0000000000000007 01  00"),
        ("two gigabytes", "01 0001 7FFFFFFF 00"),
        ("no such method", "01 0001 00000004  003C 0063  CE"),
        ("a method that is cut short", "01 0001 00000005  003C 0050 07  CE"),
        ("a string that is cut short", "01 0001 0000000A  003C 003C C8 4141414141  CE"),
    ])
    func `what is no frame is refused`(_ fault: String, _ text: String) throws {
        let decoder = try AMQPDecoder()
        // The very first bytes may be something else: a version that a server insists on.
        var first = ByteBuffer(bytes: Self.ack)
        _ = try decoder.next(from: &first)
        var buffer = ByteBuffer(bytes: bytes(text))
        #expect(throws: AMQPError.self) { while try decoder.next(from: &buffer) != nil {} }
    }

    @Test func `an acknowledgement is written as the protocol says`() throws {
        let written = try written { try $0.write(.acknowledge(tag: 7), on: 1, to: &$1) }
        #expect(written == bytes("01 0001 0000000D  003C 0050 0000000000000007 00  CE"))
    }

    @Test func `a message is written as the protocol says`() throws {
        let written = try written { try $0.write(AMQPMessage(queue: "q", body: "job"), on: 1, to: &$1) }
        // To the default exchange, routed by "q", mandatory.
        let method = bytes("01 0001 0000000A  003C 0028 0000 00 01 71 01  CE")
        // Three bytes of body; of the properties only the delivery mode: 2, persistent.
        let header = bytes("02 0001 0000000F  003C 0000 0000000000000003 1000 02  CE")
        #expect(written == method + header + bytes("03 0001 00000003  6A6F62  CE"))
    }

    @Test func `arguments of a queue are written as a table`() throws {
        let written = try written { try $0.write(.declareQueue("q", arguments: ["x": .number(5)]), on: 1, to: &$1) }
        // Durable is the second bit; the table holds a short string, "l" for 64 bits with a sign, and the number.
        #expect(written == bytes("01 0001 00000018  0032 000A 0000 01 71 02 0000000B 01 78 6C 0000000000000005  CE"))
    }

    @Test func `a conversation begins with the protocol's name`() throws {
        let written = try written { try $0.write(.protocolHeader, on: 0, to: &$1) }
        #expect(written == Array("AMQP".utf8) + [0, 0, 9, 1])
    }

    private func written(_ write: (AMQPEncoder, inout ByteBuffer) throws -> Void) throws -> [UInt8] {
        var buffer = ByteBuffer()
        try write(AMQPEncoder(), &buffer)
        return Array(buffer.readableBytesView)
    }
}

/// Reads pairs of hexadecimal digits; spaces are for the eye.
func bytes(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
}
