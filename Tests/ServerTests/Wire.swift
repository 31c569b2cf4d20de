import Foundation
import Imaging
import NIOCore
import NIOPosix

/// One connection to a server, byte by byte: for requests that no decent client would send.
struct Wire {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var pending = ByteBuffer()

    static func open<R: Sendable>(_ port: Int, _ body: (inout Wire) async throws -> R) async throws -> R {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var wire = Wire(inbound: inbound.makeAsyncIterator(), outbound: outbound)
            return try await body(&wire)
        }
    }

    private init(
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.inbound = inbound
        self.outbound = outbound
    }

    func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }
    func send(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

    /// Says that nothing more will be sent.
    func finish() { outbound.finish() }

    /// Reads one answer; informational ones count.
    ///
    /// - Parameter bodiless: for the answer to a HEAD.
    mutating func reply(bodiless: Bool = false) async throws -> Reply {
        while true {
            let view = pending.readableBytesView
            if let end = view.firstRange(of: Array("\r\n\r\n".utf8)) {
                let head = String(decoding: view[..<end.lowerBound], as: UTF8.self)
                pending.moveReaderIndex(to: end.upperBound)
                var reply = Reply(head: head)
                if !bodiless, let length = reply["content-length"].flatMap({ Int($0) }) {
                    while pending.readableBytes < length { try await more() }
                    reply.body = pending.readBytes(length: length) ?? []
                }
                return reply
            }
            try await more()
        }
    }

    /// What comes up to and with these words.
    mutating func text(until end: String) async throws -> String {
        while !String(buffer: pending).contains(end) { try await more() }
        defer { pending.clear() }
        return String(buffer: pending)
    }

    /// All that still comes until the server closes.
    mutating func rest() async throws -> String {
        while let bytes = try await inbound.next(isolation: #isolation) { pending.writeImmutableBuffer(bytes) }
        return String(buffer: pending)
    }

    /// Whether the server closes, having said nothing more.
    mutating func isClosed() async -> Bool {
        if pending.readableBytes > 0 { return false }
        // A reset is a close as well.
        return (try? await inbound.next(isolation: #isolation)) ?? nil == nil
    }

    private mutating func more() async throws {
        guard let bytes = try await inbound.next(isolation: #isolation) else { throw Closed() }
        pending.writeImmutableBuffer(bytes)
    }

    /// The server closed where an answer was due.
    struct Closed: Error {}
}

/// What a server answered.
struct Reply: Sendable {
    let status: Int
    private let fields: [(name: String, value: String)]
    var body: [UInt8] = []

    init(head: String) {
        let lines = head.components(separatedBy: "\r\n")
        status = Int(lines[0].split(separator: " ")[1]) ?? 0
        fields = lines.dropFirst().compactMap { line in
            line.firstIndex(of: ":").map { colon in
                (line[..<colon].lowercased(), line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
            }
        }
    }

    subscript(field: String) -> String? { fields.first { $0.name == field }?.value }

    var text: String { String(decoding: body, as: UTF8.self) }

    var json: JSONValue { (try? JSONDecoder().decode(JSONValue.self, from: Data(body))) ?? .null }

    /// The `code` of a problem.
    var code: String? { json["code"].text }
}

extension JSONValue {
    subscript(name: String) -> JSONValue {
        if case .object(let members) = self { members[name] ?? .null } else { .null }
    }

    subscript(index: Int) -> JSONValue {
        if case .array(let values) = self, values.indices.contains(index) { values[index] } else { .null }
    }

    var text: String? { if case .string(let text) = self { text } else { nil } }
    var number: Double? { if case .number(let number) = self { number } else { nil } }
    var items: [JSONValue] { if case .array(let values) = self { values } else { [] } }
    var count: Int { items.count }
}
