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
    // Before the libraries that use it are loaded, by which time it would be too late.
    void *crypto = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
    Initialize *initialize = crypto ? (Initialize *)dlsym(crypto, "OPENSSL_init_crypto") : NULL;
    if (initialize) initialize(no_exit_handler, NULL);
}
