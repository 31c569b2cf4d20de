#include <curl/curl.h>
#include <locale.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif

// Variadic functions can't be called from Swift: one function for each kind of argument.

static inline CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode ccurl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

/// The list must outlive the transfer.
static inline CURLcode ccurl_set_headers(CURL *handle, struct curl_slist *list) {
    return curl_easy_setopt(handle, CURLOPT_HTTPHEADER, list);
}

static inline CURLcode ccurl_set_upload(CURL *handle, curl_off_t byte_count) {
    CURLcode result = curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
    return result ? result : curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, byte_count);
}

/// All callbacks get the same context.
static inline CURLcode ccurl_set_callbacks(
    CURL *handle, void *context, curl_opensocket_callback open_socket, curl_read_callback read, curl_seek_callback seek,
    curl_write_callback header, curl_write_callback write
) {
    CURLcode result = curl_easy_setopt(handle, CURLOPT_PRIVATE, context);
    if (!result) result = curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    if (!result) result = curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, context);
    if (!result) result = curl_easy_setopt(handle, CURLOPT_READFUNCTION, read);
    if (!result) result = curl_easy_setopt(handle, CURLOPT_READDATA, context);
    if (!result) result = curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, seek);
    if (!result) result = curl_easy_setopt(handle, CURLOPT_SEEKDATA, context);
    if (!result) result = curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, header);
    if (!result) result = curl_easy_setopt(handle, CURLOPT_HEADERDATA, context);
    if (!result) result = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, write);
    if (!result) result = curl_easy_setopt(handle, CURLOPT_WRITEDATA, context);
    return result;
}

static inline CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

/// The context of a transfer that has ended, and how; NULL when none has.
static inline void *ccurl_multi_next_ended(CURLM *multi, CURLcode *result) {
    int left;
    CURLMsg *message = curl_multi_info_read(multi, &left);
    while (message && message->msg != CURLMSG_DONE) message = curl_multi_info_read(multi, &left);
    if (!message) return NULL;
    *result = message->data.result;
    void *context = NULL;
    return curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &context) ? NULL : context;
}

/// Copies the 4 or 16 bytes of an address, in network order, and its port. Returns their number, or 0 for other families.
static inline int ccurl_address(const struct curl_sockaddr *address, uint8_t *bytes, uint16_t *port) {
    if (address->family == AF_INET && address->addrlen >= sizeof(struct sockaddr_in)) {
        const struct sockaddr_in *found = (const struct sockaddr_in *)&address->addr;
        memcpy(bytes, &found->sin_addr, 4);
        *port = ntohs(found->sin_port);
        return 4;
    }
    if (address->family == AF_INET6 && address->addrlen >= sizeof(struct sockaddr_in6)) {
        const struct sockaddr_in6 *found = (const struct sockaddr_in6 *)&address->addr;
        memcpy(bytes, &found->sin6_addr, 16);
        *port = ntohs(found->sin6_port);
        return 16;
    }
    return 0;
}

/// A socket that child processes do not inherit, which libcurl's own would be.
static inline curl_socket_t ccurl_socket(const struct curl_sockaddr *address) {
#ifdef SOCK_CLOEXEC
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
#else
    return socket(address->family, address->socktype, address->protocol);
#endif
}

/// libcurl has names that are not ASCII read in the character set of the calling thread, which is ASCII until somebody says
/// otherwise. Returns what `ccurl_end_utf8` wants, at the end of the same thread.
static inline locale_t ccurl_begin_utf8(void) {
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (utf8) uselocale(utf8);
    return utf8;
}

static inline void ccurl_end_utf8(locale_t utf8) {
    if (!utf8) return;
    uselocale(LC_GLOBAL_LOCALE);
    freelocale(utf8);
}
