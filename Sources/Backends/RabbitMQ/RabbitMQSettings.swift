/// How a process reaches RabbitMQ, and what it does there.
package struct RabbitMQSettings: Sendable {
    let address: AMQPAddress
    let authorityFile: String?
    let prefix: String
    let prefetch: UInt16
    let patience: Duration

    /// - Parameters:
    ///   - url: `amqp://user:password@host:port/vhost`, `amqps://` for TLS.
    ///   - authorityFile: certificates in PEM that may sign the server's; the system's where it is `nil`.
    ///   - prefix: begins all names on the server. It bears a version, because what a queue was declared with can't be
    ///     changed later.
    ///   - prefetch: rings that this process may hold of each class and has not acknowledged: its slots.
    ///   - patience: how long a wait for rings lasts.
    package init(
        url: String, authorityFile: String? = nil, prefix: String = "tintype.rings.v1", prefetch: Int = 8,
        patience: Duration = .seconds(5)
    ) throws(RabbitMQSettingsError) {
        self.address = try AMQPAddress(url)
        self.authorityFile = authorityFile
        self.prefix = prefix
        self.prefetch = UInt16(clamping: max(1, prefetch))
        self.patience = patience
    }
}

/// What is wrong with the settings. The address itself holds a password, and is not shown.
package enum RabbitMQSettingsError: Error, Hashable, CustomStringConvertible {
    case notAnAddress
    /// The file with the authorities' certificates can't be used.
    case authorityFile(path: String, reason: String)

    package var description: String {
        switch self {
        case .notAnAddress: "not an address like amqp://user:password@host:5672/vhost"
        case .authorityFile(let path, let reason): "\(path) holds no certificates that can be used: \(reason)"
        }
    }
}
