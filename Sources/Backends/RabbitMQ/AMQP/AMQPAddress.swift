import CRabbitMQ

/// Where a server is, and who we are to it: `amqp://user:password@host:port/vhost`, `amqps://` for TLS.
struct AMQPAddress: Hashable, Sendable {
    var host: String
    var port: Int
    var user: String
    var password: String
    var virtualHost: String
    var isEncrypted: Bool

    /// Reads a URL; user, password and virtual host are percent-decoded. What is left out is as for every client: guest,
    /// guest, 5672 (5671 with TLS), `/`. A query, with which other clients tune themselves, is left aside.
    /// - Throws: ``RabbitMQSettingsError/notAnAddress``.
    init(_ url: String) throws(RabbitMQSettingsError) {
        // rabbitmq-c decodes in place, and points into what it was given.
        var text = Array(String(url.prefix { $0 != "?" }).utf8CString)
        let address = unsafe text.withUnsafeMutableBufferPointer { text -> AMQPAddress? in
            var parts = unsafe amqp_connection_info()
            guard let start = text.baseAddress, unsafe amqp_parse_url(start, &parts) == AMQP_STATUS_OK.rawValue else {
                return nil
            }
            return unsafe AMQPAddress(parts)
        }
        guard let address else { throw .notAnAddress }
        self = address
    }

    private init(_ parts: amqp_connection_info) {
        unsafe host = String(cString: parts.host)
        unsafe port = Int(parts.port)
        unsafe user = String(cString: parts.user)
        unsafe password = String(cString: parts.password)
        let virtualHost = unsafe String(cString: parts.vhost)
        self.virtualHost = virtualHost.isEmpty ? "/" : virtualHost
        unsafe isEncrypted = parts.ssl != 0
    }
}
