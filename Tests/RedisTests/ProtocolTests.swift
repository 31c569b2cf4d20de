import NIOCore
import Testing

@testable import RedisBackend

@Suite struct `Redis protocol` {
    // What the specification of RESP2 gives as examples, and what it implies.
    @Test(arguments: [
        ("+OK\r\n", RedisValue.text(Array("OK".utf8))),
        (":-1000\r\n", .integer(-1000)),
        ("$5\r\nhe\r\nl\r\n", .text(Array("he\r\nl".utf8))),
        ("$0\r\n\r\n", .text([])),
        ("$-1\r\n", .null),
        ("*-1\r\n", .null),
        ("*0\r\n", .array([])),
        (
            "*2\r\n*1\r\n:1\r\n-ERR no\r\n",
            .array([.array([.integer(1)]), .failure(.init(code: "ERR", message: "no"))])
        ),
        ("-WRONGTYPE\r\n", .failure(.init(code: "WRONGTYPE", message: ""))),
    ])
    func `a reply is read, in whatever pieces it comes`(_ wire: String, _ value: RedisValue) throws {
        var whole = try RedisReplyReader()
        try whole.feed(ByteBuffer(string: wire + wire))
        #expect(try whole.next() == value)
        #expect(try whole.next() == value)
        #expect(try whole.next() == nil)

        var sliced = try RedisReplyReader()
        for byte in wire.utf8.dropLast() {
            try sliced.feed(ByteBuffer(bytes: [byte]))
            #expect(try sliced.next() == nil)
        }
        try sliced.feed(ByteBuffer(string: "\n"))
        #expect(try sliced.next() == value)
    }

    @Test(arguments: [
        "HTTP/1.1 400 Bad Request\r\n\r\n", "%1\r\n+a\r\n:1\r\n", "*2147483648\r\n", ":x\r\n",
        "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
    ])
    func `what is no reply is refused`(_ wire: String) throws {
        var reader = try RedisReplyReader()
        try reader.feed(ByteBuffer(string: wire))
        #expect(throws: RedisProtocolError.self) { _ = try reader.next() }
    }

    @Test func `a command is written as an array of its words`() throws {
        var buffer = ByteBuffer()
        try RedisCommand(["SET", "ключ", "", .integer(-7), .bytes([0, 255, 13, 10])]).write(into: &buffer)
        let expected =
            Array("*5\r\n$3\r\nSET\r\n$8\r\nключ\r\n$0\r\n\r\n$2\r\n-7\r\n$4\r\n".utf8) + [0, 255, 13, 10, 13, 10]
        #expect(Array(buffer.readableBytesView) == expected)
    }

    @Test(
        arguments: [
            (["GET", "a"], "a"), (["xadd", "a", "*", "job", "1"], "a"), (["PING"], nil), (["PUBLISH", "a", "b"], nil),
            (["EVALSHA", "f00", "2", "a", "b"], "a"), (["XGROUP", "CREATE", "a", "g", "0"], "a"),
            (["XREADGROUP", "GROUP", "g", "c", "COUNT", "1", "STREAMS", "a", ">"], "a"),
        ] as [([String], String?)])
    func `the key that decides the node is found`(_ words: [String], _ key: String?) {
        #expect(RedisCommand(words.map(RedisArgument.text)).key == key)
    }

    // Redis cluster specification, "Hash tags": its own examples.
    @Test(arguments: [
        ("{user1000}.following", "user1000"), ("foo{}{bar}", "foo{}{bar}"), ("foo{{bar}}zap", "{bar"),
        ("foo{bar}{zap}", "bar"), ("plain", "plain"), ("open{ended", "open{ended"),
    ])
    func `keys of one tag go to one node`(_ key: String, _ tag: String) {
        #expect(RedisRoutes.tag(of: key) == tag)
    }

    @Test(arguments: [
        ("MOVED 3999 127.0.0.1:6381", RedisRedirection.moved(host: "127.0.0.1", port: 6381)),
        ("ASK 1 redis-2.example:6379", .ask(host: "redis-2.example", port: 6379)),
        ("MOVED 3999 ::1:6381", .moved(host: "::1", port: 6381)), ("MOVED 3999 :6381", .moved(host: "", port: 6381)),
        ("MOVED 3999", nil), ("MOVED 3999 host:port", nil), ("ERR MOVED 3999 127.0.0.1:6381", nil),
    ])
    func `a redirection is read`(_ line: String, _ expected: RedisRedirection?) {
        #expect(RedisRedirection(RedisError(line: line)) == expected)
    }

    @Test(arguments: [("", "cache"), ("?", "cache"), ("127.0.0.2", "127.0.0.2")])
    func `a node whose host is not told is at the host that was asked`(_ host: String, _ expected: String) {
        let asked = RedisAddress(host: "cache", port: 7000)
        #expect(RedisAddress(host: host, port: 7001, toldBy: asked) == RedisAddress(host: expected, port: 7001))
    }

    // The first two as Redis 6.2 words them, the third as 7.0 does.
    @Test(arguments: [
        (
            "ERR Error running script (call to f_9e1f): @user_script:4: @user_script: 4: -OOM command not allowed when "
                + "used memory > 'maxmemory'.", "OOM"
        ),
        (
            "ERR Error running script (call to f_9e1f): @user_script:1: @user_script: 1: -READONLY You can't write "
                + "against a read only replica.", "READONLY"
        ),
        ("MISCONF Errors writing to the AOF file. script: 9e1f, on @user_script:1.", "MISCONF"),
        ("ERR Error running script (call to f_9e1f): @user_script:4: attempt to index a nil value", "ERR"),
    ])
    func `what stopped a script is told, however it is wrapped`(_ line: String, _ code: String) {
        #expect(RedisError(line: line).code == code)
    }
}
