import CRabbitMQ
import NIOCore

/// rabbitmq-c's writer of methods, with the frames around them. Its own sockets are not used.
@safe final class AMQPEncoder {
    /// Lends strings and tables to rabbitmq-c while it encodes one method.
    private let pool: UnsafeMutablePointer<amqp_pool_t>

    init() {
        unsafe pool = .allocate(capacity: 1)
        unsafe pool.initialize(to: amqp_pool_t())
        unsafe init_amqp_pool(pool, 4096)
    }

    deinit {
        unsafe empty_amqp_pool(pool)
        unsafe pool.deallocate()
    }

    func write(_ request: AMQPRequest, on channel: UInt16, to buffer: inout ByteBuffer) throws {
        if case .protocolHeader = request {
            buffer.writeString("AMQP")
            buffer.writeBytes([0, 0, 9, 1])
            return
        }
        try writeFrame(AMQP_FRAME_METHOD, on: channel, to: &buffer) { buffer in
            try writeMethod(request, to: &buffer)
        }
        unsafe recycle_amqp_pool(pool)
    }

    /// A message is three frames: the method, its properties, its body.
    func write(_ message: AMQPMessage, on channel: UInt16, to buffer: inout ByteBuffer) throws {
        try writeFrame(AMQP_FRAME_METHOD, on: channel, to: &buffer) { buffer in
            var method = unsafe amqp_basic_publish_t()
            unsafe method.routing_key = unsafe bytes(message.queue)
            // Otherwise what no queue takes would be dropped, and confirmed.
            unsafe method.mandatory = 1
            try unsafe encode(AMQP_BASIC_PUBLISH_METHOD, &method, to: &buffer)
        }
        try writeFrame(AMQP_FRAME_HEADER, on: channel, to: &buffer) { buffer in
            buffer.writeInteger(UInt16(AMQP_BASIC_CLASS))
            buffer.writeInteger(0 as UInt16)
            buffer.writeInteger(UInt64(message.body.utf8.count))
            var properties = unsafe amqp_basic_properties_t()
            unsafe properties._flags = amqp_flags_t(AMQP_BASIC_DELIVERY_MODE_FLAG)
            unsafe properties.delivery_mode = UInt8(AMQP_DELIVERY_PERSISTENT.rawValue)
            try unsafe fill(&buffer) { unsafe amqp_encode_properties(UInt16(AMQP_BASIC_CLASS), &properties, $0) }
        }
        try writeFrame(AMQP_FRAME_BODY, on: channel, to: &buffer) { buffer in
            buffer.writeString(message.body)
        }
        unsafe recycle_amqp_pool(pool)
    }

    func writeHeartbeat(to buffer: inout ByteBuffer) throws {
        try writeFrame(AMQP_FRAME_HEARTBEAT, on: 0, to: &buffer) { _ in }
    }

    /// Type, channel, length, content, end (AMQP 0-9-1, section 4.2.3).
    private func writeFrame(
        _ type: Int32, on channel: UInt16, to buffer: inout ByteBuffer, content: (inout ByteBuffer) throws -> Void
    ) throws {
        buffer.writeInteger(UInt8(type))
        buffer.writeInteger(channel)
        let lengthIndex = buffer.writerIndex
        buffer.writeInteger(0 as UInt32)
        try content(&buffer)
        buffer.setInteger(UInt32(buffer.writerIndex - lengthIndex - 4), at: lengthIndex)
        buffer.writeInteger(UInt8(AMQP_FRAME_END))
    }
}

// MARK: - Methods

extension AMQPEncoder {
    private func writeMethod(_ request: AMQPRequest, to buffer: inout ByteBuffer) throws {
        switch request {
        case .protocolHeader:
            throw AMQPError.malformed(reason: "the protocol header is no method")
        case .startOK(let user, let password):
            var method = unsafe amqp_connection_start_ok_t()
            unsafe method.client_properties = unsafe table([
                "product": .text("tintype"),
                "capabilities": .table([
                    "authentication_failure_close": .flag(true), "basic.nack": .flag(true),
                    "connection.blocked": .flag(true), "consumer_cancel_notify": .flag(true),
                    "publisher_confirms": .flag(true),
                ]),
            ])
            unsafe method.mechanism = unsafe bytes("PLAIN")
            unsafe method.response = unsafe bytes("\0\(user)\0\(password)")
            unsafe method.locale = unsafe bytes("en_US")
            try unsafe encode(AMQP_CONNECTION_START_OK_METHOD, &method, to: &buffer)
        case .tuneOK(let frameMax, let heartbeat):
            var method = amqp_connection_tune_ok_t(channel_max: 1, frame_max: frameMax, heartbeat: heartbeat)
            try encode(AMQP_CONNECTION_TUNE_OK_METHOD, &method, to: &buffer)
        case .open(let virtualHost):
            var method = unsafe amqp_connection_open_t()
            unsafe method.virtual_host = unsafe bytes(virtualHost)
            try unsafe encode(AMQP_CONNECTION_OPEN_METHOD, &method, to: &buffer)
        case .close:
            var method = unsafe amqp_connection_close_t()
            unsafe method.reply_code = UInt16(AMQP_REPLY_SUCCESS)
            try unsafe encode(AMQP_CONNECTION_CLOSE_METHOD, &method, to: &buffer)
        case .closeOK:
            var method = amqp_connection_close_ok_t()
            try encode(AMQP_CONNECTION_CLOSE_OK_METHOD, &method, to: &buffer)
        case .openChannel:
            var method = unsafe amqp_channel_open_t()
            try unsafe encode(AMQP_CHANNEL_OPEN_METHOD, &method, to: &buffer)
        case .selectConfirms:
            var method = amqp_confirm_select_t()
            try encode(AMQP_CONFIRM_SELECT_METHOD, &method, to: &buffer)
        case .declareFanout(let name):
            var method = unsafe amqp_exchange_declare_t()
            unsafe method.exchange = unsafe bytes(name)
            unsafe method.type = unsafe bytes("fanout")
            unsafe method.durable = 1
            try unsafe encode(AMQP_EXCHANGE_DECLARE_METHOD, &method, to: &buffer)
        case .declareQueue(let name, let arguments):
            var method = unsafe amqp_queue_declare_t()
            unsafe method.queue = unsafe bytes(name)
            unsafe method.durable = 1
            unsafe method.arguments = unsafe table(arguments)
            try unsafe encode(AMQP_QUEUE_DECLARE_METHOD, &method, to: &buffer)
        case .bind(let queue, let exchange):
            var method = unsafe amqp_queue_bind_t()
            unsafe method.queue = unsafe bytes(queue)
            unsafe method.exchange = unsafe bytes(exchange)
            try unsafe encode(AMQP_QUEUE_BIND_METHOD, &method, to: &buffer)
        case .prefetch(let count):
            var method = amqp_basic_qos_t(prefetch_size: 0, prefetch_count: count, global: 0)
            try encode(AMQP_BASIC_QOS_METHOD, &method, to: &buffer)
        case .consume(let queue):
            var method = unsafe amqp_basic_consume_t()
            unsafe method.queue = unsafe bytes(queue)
            // The consumer bears its queue's name: a delivery then says which class it is of.
            unsafe method.consumer_tag = unsafe bytes(queue)
            try unsafe encode(AMQP_BASIC_CONSUME_METHOD, &method, to: &buffer)
        case .acknowledge(let tag):
            var method = amqp_basic_ack_t(delivery_tag: tag, multiple: 0)
            try encode(AMQP_BASIC_ACK_METHOD, &method, to: &buffer)
        }
    }

    private func encode<Method>(
        _ id: amqp_method_number_t, _ method: inout Method, to buffer: inout ByteBuffer
    ) throws {
        buffer.writeInteger(id)
        try unsafe withUnsafeMutablePointer(to: &method) { method in
            try unsafe fill(&buffer) { unsafe amqp_encode_method(id, method, $0) }
        }
    }

    /// Lets rabbitmq-c write; `write` returns how many bytes it wrote, or a negative status.
    private func fill(_ buffer: inout ByteBuffer, _ write: (amqp_bytes_t) -> Int32) throws {
        // Several times what the longest host, user and password take; more is refused.
        try unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 4096) { room in
            let count = unsafe write(amqp_bytes_t(len: room.count, bytes: room.baseAddress))
            guard count >= 0 else {
                throw AMQPError.malformed(reason: unsafe String(cString: amqp_error_string2(count)))
            }
            return Int(count)
        }
    }

    private func bytes(_ text: String) -> amqp_bytes_t {
        var copy = unsafe amqp_bytes_t()
        unsafe amqp_pool_alloc_bytes(pool, text.utf8.count, &copy)
        unsafe UnsafeMutableRawBufferPointer(start: copy.bytes, count: copy.len).copyBytes(from: text.utf8)
        return unsafe copy
    }

    private func table(_ values: [String: AMQPValue]) -> amqp_table_t {
        let entries = unsafe UnsafeMutableBufferPointer(
            start: amqp_pool_alloc(pool, values.count * MemoryLayout<amqp_table_entry_t>.stride)?
                .bindMemory(to: amqp_table_entry_t.self, capacity: values.count),
            count: values.count)
        for (index, (name, value)) in values.enumerated() {
            var field = unsafe amqp_field_value_t()
            switch value {
            case .text(let text):
                unsafe field.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
                unsafe field.value.bytes = unsafe bytes(text)
            case .number(let number):
                unsafe field.kind = UInt8(AMQP_FIELD_KIND_I64.rawValue)
                unsafe field.value.i64 = number
            case .flag(let flag):
                unsafe field.kind = UInt8(AMQP_FIELD_KIND_BOOLEAN.rawValue)
                unsafe field.value.boolean = flag ? 1 : 0
            case .table(let values):
                unsafe field.kind = UInt8(AMQP_FIELD_KIND_TABLE.rawValue)
                unsafe field.value.table = unsafe table(values)
            }
            unsafe entries[index] = unsafe amqp_table_entry_t(key: bytes(name), value: field)
        }
        return unsafe amqp_table_t(num_entries: Int32(values.count), entries: entries.baseAddress)
    }
}
