#pragma once

#include <stddef.h>
#include <stdint.h>

/// Runs libFuzzer, which calls `target` with one input after another; the arguments are those of a program.
int cfuzzer_run(int argument_count, char **arguments, int (*target)(const uint8_t *bytes, size_t count));
