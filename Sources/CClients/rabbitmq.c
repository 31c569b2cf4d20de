#include "../CRabbitMQ/shim.h"
#include "forwarding.h"

#define LIBRARY "librabbitmq.so.4"

FORWARD(const char *, amqp_version, (void), ())
FORWARD(const char *, amqp_error_string2, (int code), (code))
FORWARD(int, amqp_parse_url, (char *url, struct amqp_connection_info *parsed), (url, parsed))

FORWARD(void, init_amqp_pool, (amqp_pool_t * pool, size_t size), (pool, size))
FORWARD(void, recycle_amqp_pool, (amqp_pool_t * pool), (pool))
FORWARD(void, empty_amqp_pool, (amqp_pool_t * pool), (pool))
FORWARD(void *, amqp_pool_alloc, (amqp_pool_t * pool, size_t count), (pool, count))
FORWARD(
    void, amqp_pool_alloc_bytes, (amqp_pool_t * pool, size_t count, amqp_bytes_t *bytes), (pool, count, bytes))

FORWARD(amqp_connection_state_t, amqp_new_connection, (void), ())
FORWARD(int, amqp_destroy_connection, (amqp_connection_state_t state), (state))
FORWARD(void, amqp_maybe_release_buffers, (amqp_connection_state_t state), (state))
FORWARD(
    int, amqp_handle_input, (amqp_connection_state_t state, amqp_bytes_t bytes, amqp_frame_t *frame), (state, bytes, frame))
FORWARD(int, amqp_encode_method, (amqp_method_number_t method, void *decoded, amqp_bytes_t bytes), (method, decoded, bytes))
FORWARD(int, amqp_encode_properties, (uint16_t kind, void *decoded, amqp_bytes_t bytes), (kind, decoded, bytes))
