#define _GNU_SOURCE
#include "TestResolver.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

typedef int Lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static int read_address(const char *digits, char *text) {
    unsigned char bytes[16];
    size_t count = strlen(digits) / 2;
    if (count != 4 && count != 16) return 0;
    for (size_t i = 0; i < count; i++) {
        if (sscanf(digits + 2 * i, "%2hhx", &bytes[i]) != 1) return 0;
    }
    return inet_ntop(count == 4 ? AF_INET : AF_INET6, bytes, text, INET6_ADDRSTRLEN) != NULL;
}

int getaddrinfo(
    const char *restrict name, const char *restrict service, const struct addrinfo *restrict hints,
    struct addrinfo **restrict found
) {
    static atomic_int asked[4096];
    Lookup *look_up = (Lookup *)dlsym(RTLD_NEXT, "getaddrinfo");
    unsigned number;
    char digits[2][33], order[6], first[INET6_ADDRSTRLEN], second[INET6_ADDRSTRLEN];
    int end = 0;
    const char *start = name && !strncmp(name, "xn--", 4) && strchr(name, '.') ? strchr(name, '.') + 1 : name;
    if (!start
        || sscanf(start, "%u.%32[0-9a-f].%32[0-9a-f].%5[a-z].test%n", &number, digits[0], digits[1], order, &end) != 4
        || end == 0 || start[end] || number >= 4096 || !read_address(digits[0], first)
        || !read_address(digits[1], second)) {
        return look_up(name, service, hints, found);
    }
    // Whatever family is asked for: what is answered is for the client to judge.
    struct addrinfo numeric = {.ai_flags = AI_NUMERICHOST, .ai_socktype = hints ? hints->ai_socktype : 0};
    if (!strcmp(order, "turns")) {
        return look_up(atomic_fetch_add(&asked[number], 1) == 0 ? first : second, service, &numeric, found);
    }
    struct addrinfo *rest;
    int code = look_up(first, service, &numeric, found);
    if (code || look_up(second, service, &numeric, &rest)) return code;
    struct addrinfo *last = *found;
    while (last->ai_next) last = last->ai_next;
    last->ai_next = rest;
    return 0;
}
