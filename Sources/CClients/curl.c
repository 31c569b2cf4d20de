#include "CClients.h"
#include "forwarding.h"

#include <stdarg.h>

// Its macros of the same names are in the way.
#define CURL_DISABLE_TYPECHECK
#include "../CCurl/shim.h"
#undef curl_easy_getinfo
#undef curl_easy_setopt
#undef curl_multi_setopt

#define LIBRARY "libcurl.so.4"

const char *cclients_curl_failure(void) { return load(LIBRARY) ? NULL : dlerror(); }

FORWARD(CURLcode, curl_global_init, (long flags), (flags))
FORWARD(curl_version_info_data *, curl_version_info, (CURLversion age), (age))

FORWARD(CURL *, curl_easy_init, (void), ())
FORWARD(void, curl_easy_cleanup, (CURL * easy), (easy))
FORWARD(const char *, curl_easy_strerror, (CURLcode code), (code))

FORWARD(CURLM *, curl_multi_init, (void), ())
FORWARD(CURLMcode, curl_multi_cleanup, (CURLM * multi), (multi))
FORWARD(CURLMcode, curl_multi_add_handle, (CURLM * multi, CURL *easy), (multi, easy))
FORWARD(CURLMcode, curl_multi_remove_handle, (CURLM * multi, CURL *easy), (multi, easy))
FORWARD(CURLMcode, curl_multi_perform, (CURLM * multi, int *running), (multi, running))
FORWARD(CURLMsg *, curl_multi_info_read, (CURLM * multi, int *left), (multi, left))
FORWARD(CURLMcode, curl_multi_wakeup, (CURLM * multi), (multi))
FORWARD(const char *, curl_multi_strerror, (CURLMcode code), (code))
FORWARD(
    CURLMcode, curl_multi_poll,
    (CURLM * multi, struct curl_waitfd others[], unsigned int count, int milliseconds, int *ready),
    (multi, others, count, milliseconds, ready))

FORWARD(struct curl_slist *, curl_slist_append, (struct curl_slist * list, const char *text), (list, text))
FORWARD(void, curl_slist_free_all, (struct curl_slist * list), (list))

// One argument follows in each of these: a long, a pointer or a curl_off_t, which take the same place where all three have
// 64 bits.
_Static_assert(sizeof(long) == sizeof(void *) && sizeof(curl_off_t) == sizeof(void *), "they are passed alike");

#define FORWARD_WITH_VALUE(type, name, parameters, first, second) \
    type name parameters {                                        \
        va_list values;                                           \
        va_start(values, second);                                 \
        void *value = va_arg(values, void *);                     \
        va_end(values);                                           \
        FIND(name)                                                \
        return function(first, second, value);                    \
    }

FORWARD_WITH_VALUE(CURLcode, curl_easy_setopt, (CURL * easy, CURLoption option, ...), easy, option)
FORWARD_WITH_VALUE(CURLcode, curl_easy_getinfo, (CURL * easy, CURLINFO info, ...), easy, info)
FORWARD_WITH_VALUE(CURLMcode, curl_multi_setopt, (CURLM * multi, CURLMoption option, ...), multi, option)
