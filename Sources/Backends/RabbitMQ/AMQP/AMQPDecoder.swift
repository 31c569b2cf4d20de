import CRabbitMQ
import NIOCore

/// rabbitmq-c's reader of frames: bytes in, our values out. Its own sockets are not used.
@safe final class AMQPDecoder {
    /// The largest frame it reads, in bytes: what rabbitmq-c allows until it is told otherwise.
    static let frameMax: UInt32 = 65536

    private let state: amqp_connection_state_t

    init() throws(AMQPError) {
        guard let state = unsafe amqp_new_connection() else { throw .lost(reason: "out of memory") }
        unsafe self.state = state
    }

    deinit { _ = unsafe amqp_destroy_connection(state) }

    /// Reads the next frame, or returns `nil` where all bytes are used up; half a frame is remembered.
    func next(from buffer: inout ByteBuffer) throws -> (channel: UInt16, frame: AMQPFrame)? {
        while buffer.readableBytes > 0 {
            var raw = unsafe amqp_frame_t()
            let count = unsafe buffer.withUnsafeReadableBytes { bytes in
                unsafe amqp_handle_input(
                    state,
                    amqp_bytes_t(len: bytes.count, bytes: UnsafeMutableRawPointer(mutating: bytes.baseAddress)), &raw)
            }
            guard count > 0 else {
                throw AMQPError.malformed(reason: unsafe String(cString: amqp_error_string2(count)))
            }
            buffer.moveReaderIndex(forwardBy: Int(count))
            // What was decoded lies in pools that would grow for ever.
            defer { unsafe amqp_maybe_release_buffers(state) }
            guard unsafe raw.frame_type != 0 else { continue }
            return unsafe (raw.channel, try AMQPFrame(raw))
        }
        return nil
    }
}

extension AMQPFrame {
    fileprivate init(_ raw: amqp_frame_t) throws(AMQPError) {
        switch unsafe Int32(raw.frame_type) {
        case AMQP_FRAME_METHOD: self = .method(try unsafe AMQPMethod(raw.payload.method))
        case AMQP_FRAME_HEADER: self = unsafe .header(bodySize: raw.payload.properties.body_size)
        case AMQP_FRAME_BODY: self = unsafe .body(Array(raw.payload.body_fragment.buffer))
        case AMQP_FRAME_HEARTBEAT: self = .heartbeat
        default: throw .malformed(reason: "a frame of type \(unsafe raw.frame_type)")
        }
    }
}

extension AMQPMethod {
    fileprivate init(_ raw: amqp_method_t) throws(AMQPError) {
        switch unsafe raw.id {
        case AMQP_CONNECTION_START_METHOD: self = .start
        case AMQP_CONNECTION_TUNE_METHOD:
            let frameMax = unsafe raw.decoded(as: amqp_connection_tune_t.self).frame_max
            self = .tune(frameMax: frameMax == 0 ? .max : frameMax)
        case AMQP_QUEUE_DECLARE_OK_METHOD:
            self = unsafe .declared(messages: Int(raw.decoded(as: amqp_queue_declare_ok_t.self).message_count))
        case AMQP_CONNECTION_OPEN_OK_METHOD, AMQP_CHANNEL_OPEN_OK_METHOD, AMQP_CONFIRM_SELECT_OK_METHOD,
            AMQP_EXCHANGE_DECLARE_OK_METHOD, AMQP_QUEUE_BIND_OK_METHOD, AMQP_BASIC_QOS_OK_METHOD,
            AMQP_BASIC_CONSUME_OK_METHOD, AMQP_CONNECTION_CLOSE_OK_METHOD:
            self = .done
        case AMQP_BASIC_DELIVER_METHOD:
            let method = unsafe raw.decoded(as: amqp_basic_deliver_t.self)
            self = unsafe .deliver(tag: method.delivery_tag, consumer: method.consumer_tag.text)
        case AMQP_BASIC_RETURN_METHOD:
            self = unsafe .returned(routingKey: raw.decoded(as: amqp_basic_return_t.self).routing_key.text)
        case AMQP_BASIC_ACK_METHOD:
            let method = unsafe raw.decoded(as: amqp_basic_ack_t.self)
            self = .confirmed(tag: method.delivery_tag, isMultiple: method.multiple != 0, isTaken: true)
        case AMQP_BASIC_NACK_METHOD:
            let method = unsafe raw.decoded(as: amqp_basic_nack_t.self)
            self = .confirmed(tag: method.delivery_tag, isMultiple: method.multiple != 0, isTaken: false)
        case AMQP_BASIC_CANCEL_METHOD:
            self = unsafe .canceled(consumer: raw.decoded(as: amqp_basic_cancel_t.self).consumer_tag.text)
        case AMQP_CONNECTION_BLOCKED_METHOD:
            self = unsafe .blocked(reason: raw.decoded(as: amqp_connection_blocked_t.self).reason.text)
        case AMQP_CONNECTION_UNBLOCKED_METHOD: self = .unblocked
        case AMQP_CONNECTION_CLOSE_METHOD:
            let method = unsafe raw.decoded(as: amqp_connection_close_t.self)
            self = unsafe .close(code: Int(method.reply_code), text: method.reply_text.text)
        case AMQP_CHANNEL_CLOSE_METHOD:
            let method = unsafe raw.decoded(as: amqp_channel_close_t.self)
            self = unsafe .close(code: Int(method.reply_code), text: method.reply_text.text)
        default: throw .malformed(reason: "method \(unsafe raw.id) was not asked for")
        }
    }
}

extension amqp_method_t {
    /// The method's fields; the id says of which type they are.
    fileprivate func decoded<Fields>(as type: Fields.Type) -> Fields {
        unsafe decoded.load(as: type)
    }
}

extension amqp_bytes_t {
    fileprivate var buffer: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: bytes, count: len) }
    fileprivate var text: String { unsafe String(decoding: buffer, as: UTF8.self) }
}
