#include "CFuzzer.h"

// The compiler brings libFuzzer without a header.
int LLVMFuzzerRunDriver(int *argument_count, char ***arguments, int (*target)(const uint8_t *, size_t));

int cfuzzer_run(int argument_count, char **arguments, int (*target)(const uint8_t *, size_t)) {
    return LLVMFuzzerRunDriver(&argument_count, &arguments, target);
}

// libFuzzer's own `main` would call this. It is never run: SwiftPM puts that of a target in its place.
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    (void)bytes;
    (void)count;
    return 0;
}
