import Testing

@testable import RabbitMQBackend

@Suite struct `AMQP address` {
    @Test(arguments: [
        ("amqp://localhost", "guest guest localhost 5672 / false"),
        ("amqps://localhost", "guest guest localhost 5671 / true"),
        ("amqp://h:1/", "guest guest h 1 / false"),
        ("amqp://h/%2F", "guest guest h 5672 / false"),
        ("amqp://h/pictures", "guest guest h 5672 pictures false"),
        ("amqp://a%40b:p%2F%3Aw@h:5673/x%2Fy", "a@b p/:w h 5673 x/y false"),
        ("amqp://[::1]:5673/x", "guest guest ::1 5673 x false"),
        ("amqp://u:p@h/x?heartbeat=30&ssl=1", "u p h 5672 x false"),
    ])
    func `a URL is read as other clients read it`(_ url: String, _ parts: String) throws {
        let address = try AMQPAddress(url)
        #expect(
            "\(address.user) \(address.password) \(address.host) \(address.port) \(address.virtualHost) \(address.isEncrypted)"
                == parts)
    }

    @Test(arguments: ["", "?", "localhost:5672", "redis://h", "amqp://h:port", "amqp://h:1/%zz", "amqp://h:5672/a/b"])
    func `anything else is refused`(_ url: String) {
        #expect(throws: RabbitMQSettingsError.notAnAddress) { try AMQPAddress(url) }
    }
}
