#define _GNU_SOURCE
#include "TestProcess.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>

typedef int Initialize(uint64_t, const void *);

/// OPENSSL_INIT_NO_ATEXIT of <openssl/crypto.h>: OpenSSL comes with the libraries that use it, without its headers.
static const uint64_t no_exit_handler = 0x00080000;

/// The test program ends by exit(), whoever is still closing connections to databases. OpenSSL's exit handler would
/// take away what they use (https://github.com/openssl/openssl/issues/6214), and the program would die of that, or
/// never end. The service itself runs no exit handlers.
__attribute__((constructor)) static void let_openssl_be(void) {
    Initialize *initialize = (Initialize *)dlsym(RTLD_DEFAULT, "OPENSSL_init_crypto");
    if (initialize) initialize(no_exit_handler, NULL);
}
