#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

#ifdef __APPLE__
// Homebrew's libraries are where dlopen does not look: the program is linked to them there.
static inline void *load(const char *library) {
    (void)library;
    return RTLD_NEXT;
}
#else
/// Loading again what is loaded is no work, and any thread may do it.
static inline void *load(const char *library) { return dlopen(library, RTLD_NOW | RTLD_LOCAL); }
#endif

static inline void *find(const char *library, const char *name) {
    void *handle = load(library);
    void *function = handle ? dlsym(handle, name) : NULL;
    if (!function) {
        fprintf(stderr, "tintype: %s\n", dlerror());
        // What the system's loader ends with.
        _exit(127);
    }
    return function;
}

/// Sets `function` to the library's own, found once. Threads that race for it find the same; whoever reads what another found
/// sees the library loaded, too.
#define FIND(name)                                                          \
    static __typeof__(name) *found;                                         \
    __typeof__(name) *function = __atomic_load_n(&found, __ATOMIC_ACQUIRE); \
    if (!function) {                                                        \
        function = (__typeof__(name) *)find(LIBRARY, #name);                \
        __atomic_store_n(&found, function, __ATOMIC_RELEASE);               \
    }

/// Defines a function by its type, which the compiler holds against the library's header.
#define FORWARD(type, name, parameters, arguments) \
    type name parameters {                         \
        FIND(name)                                 \
        return function arguments;                 \
    }
