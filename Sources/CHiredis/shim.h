// The reader and the formatter only: the sockets are SwiftNIO's, which brings TLS and needs no thread of its own.
#include <hiredis/hiredis.h>
