// Puts load on a service over HTTP/1.1 while taking little of the machine itself: one thread and one kept connection a
// client, no allocation for a request. Prints one line of JSON.
//
//   load get PORT PATH CLIENTS SECONDS              asks for PATH over and over
//   load upload PORT RECORDS CLIENTS NAME           uploads each record once, as a file called NAME
//   load jobs PORT RECORDS CLIENTS NAME PLAN IDS    the same, then asks for PLAN to be applied to each; the jobs' ids
//                                                   go to the file IDS, one a line
//   load files PORT RECORDS CLIENTS NAME IDS        uploads alone; the files' ids go to IDS
//   load plans PORT FILES CLIENTS COUNT PLAN IDS    asks COUNT times for PLAN, for one of FILES (ids, one a line) after
//                                                   the other; $x and $y in PLAN are numbers, no pair of them twice
//
// RECORDS is a file of pictures, each after its length in bytes (64 bits, little-endian).

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

enum { maximumPlan = 1024, maximumAnswer = 64 * 1024, maximumClients = 256, maximumLatencies = 1 << 22 };

typedef struct {
    const uint8_t *bytes;
    size_t count;
} Record;

typedef struct {
    int socket;
    char answer[maximumAnswer + 1];
    char *body;
} Connection;

static int port;
static const char *path, *name, *plan;
static double deadline;
static Record *records;
static size_t recordCount, planCount;
static char (*files)[40];
static atomic_size_t nextRecord, requestCount;
static char (*ids)[40];
static size_t idCount;
static float *latencies; // milliseconds

static void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

static void connectTo(Connection *connection) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    connection->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection->socket, (struct sockaddr *)&address, sizeof address) != 0) fail("no connection to port %d", port);
    int yes = 1;
    setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

static void sendAll(Connection *connection, struct iovec *parts, int count) {
    while (count > 0) {
        ssize_t sent = writev(connection->socket, parts, count);
        if (sent < 0) fail("the service closed the connection");
        while (count > 0 && (size_t)sent >= parts->iov_len) {
            sent -= parts->iov_len;
            parts++;
            count--;
        }
        if (count > 0) {
            parts->iov_base = (char *)parts->iov_base + sent;
            parts->iov_len -= sent;
        }
    }
}

// Reads one answer of a known length and returns how many came before it; any status but 2xx ends the run, since its
// figures would be worth nothing.
static size_t receive(Connection *connection) {
    size_t filled = 0, total = 0;
    while (total == 0 || filled < total) {
        ssize_t got = read(connection->socket, connection->answer + filled, maximumAnswer - filled);
        if (got <= 0) fail("the service closed the connection, or answered more than %d bytes", maximumAnswer);
        filled += got;
        connection->answer[filled] = 0;
        if (total == 0 && (connection->body = strstr(connection->answer, "\r\n\r\n"))) {
            connection->body += 4;
            const char *length = strcasestr(connection->answer, "\r\ncontent-length:");
            if (!length || length > connection->body) fail("an answer without Content-Length:\n%s", connection->answer);
            total = (connection->body - connection->answer) + strtoul(length + 17, NULL, 10);
            if (total > maximumAnswer) fail("an answer of more than %d bytes", maximumAnswer);
        }
    }
    if (connection->answer[9] != '2') fail("refused:\n%s", connection->answer);
    return atomic_fetch_add(&requestCount, 1);
}

// Copies the text of a JSON member of the answer.
static void member(Connection *connection, const char *key, char value[40]) {
    char quoted[32];
    snprintf(quoted, sizeof quoted, "\"%s\"", key);
    const char *found = strstr(connection->body, quoted);
    const char *start = found ? strchr(found + strlen(quoted), '"') : NULL;
    if (!start || sscanf(start + 1, "%39[^\"]", value) != 1) fail("no %s in %s", key, connection->body);
}

static void *get(void *unused) {
    (void)unused;
    Connection *connection = malloc(sizeof *connection);
    connectTo(connection);
    char head[512];
    int length = snprintf(head, sizeof head, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", path);
    for (double started = now(); started < deadline;) {
        struct iovec part = {head, length};
        sendAll(connection, &part, 1);
        size_t index = receive(connection);
        double ended = now();
        if (index < maximumLatencies) latencies[index] = (ended - started) * 1000;
        started = ended;
    }
    return NULL;
}

static const char multipartTail[] = "\r\n--picture--\r\n";

static void upload(Connection *connection, Record record) {
    char partHead[256], head[512];
    int partLength = snprintf(partHead, sizeof partHead,
        "--picture\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\n"
        "Content-Type: application/octet-stream\r\n\r\n", name);
    int length = snprintf(head, sizeof head,
        "POST /upload HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=picture\r\n"
        "Content-Length: %zu\r\n\r\n", partLength + record.count + sizeof multipartTail - 1);
    struct iovec parts[] = {{head, length}, {partHead, partLength}, {(void *)record.bytes, record.count},
        {(void *)multipartTail, sizeof multipartTail - 1}};
    sendAll(connection, parts, 4);
    receive(connection);
}

// The plan with its two numbers in their places.
static size_t numbered(char text[maximumPlan], size_t index) {
    size_t length = 0;
    for (const char *from = plan; *from && length < maximumPlan - 24; from++) {
        if (from[0] == '$' && (from[1] == 'x' || from[1] == 'y'))
            length += sprintf(text + length, "%zu", 1 + (*++from == 'x' ? index % 1000 : index / 1000));
        else
            text[length++] = *from;
    }
    return length;
}

static void submit(Connection *connection, const char *file, size_t index) {
    char head[512], text[maximumPlan];
    size_t planLength = numbered(text, index);
    int length = snprintf(head, sizeof head,
        "POST /process/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
        file, planLength);
    struct iovec parts[] = {{head, length}, {text, planLength}};
    sendAll(connection, parts, 2);
    receive(connection);
    member(connection, "job_id", ids[index]);
}

static void *send_records(void *unused) {
    (void)unused;
    Connection *connection = malloc(sizeof *connection);
    connectTo(connection);
    for (size_t index; (index = atomic_fetch_add(&nextRecord, 1)) < recordCount;) {
        char file[40];
        upload(connection, records[index]);
        if (ids) member(connection, "file_id", plan ? file : ids[index]);
        if (plan) submit(connection, file, index);
    }
    return NULL;
}

static void *send_plans(void *unused) {
    (void)unused;
    Connection *connection = malloc(sizeof *connection);
    connectTo(connection);
    for (size_t index; (index = atomic_fetch_add(&nextRecord, 1)) < planCount;)
        submit(connection, files[index % recordCount], index);
    return NULL;
}

static void readFiles(const char *path) {
    FILE *list = fopen(path, "r");
    if (!list) fail("cannot read %s", path);
    for (char id[40]; fscanf(list, "%39s", id) == 1;) {
        files = realloc(files, (recordCount + 1) * sizeof *files);
        memcpy(files[recordCount++], id, sizeof id);
    }
    fclose(list);
    if (recordCount == 0) fail("no file in %s", path);
}

static size_t readRecords(const char *file) {
    struct stat status;
    int descriptor = open(file, O_RDONLY);
    if (descriptor < 0 || fstat(descriptor, &status) != 0) fail("cannot read %s", file);
    const uint8_t *bytes = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, descriptor, 0);
    size_t total = 0, capacity = 0;
    for (off_t at = 0; at < status.st_size;) {
        uint64_t count;
        memcpy(&count, bytes + at, sizeof count);
        if (recordCount == capacity) records = realloc(records, (capacity = capacity * 2 + 64) * sizeof *records);
        records[recordCount++] = (Record){bytes + at + sizeof count, count};
        at += sizeof count + count;
        total += count;
    }
    return total;
}

static int ascending(const void *one, const void *other) {
    float difference = *(const float *)one - *(const float *)other;
    return (difference > 0) - (difference < 0);
}

int main(int count, char **words) {
    if (count < 6) fail("see the head of load.c");
    port = atoi(words[2]);
    int clients = atoi(words[4]);
    if (clients < 1 || clients > maximumClients) fail("1 to %d clients", maximumClients);
    void *(*work)(void *) = send_records;
    size_t bytes = 0;
    if (strcmp(words[1], "get") == 0) {
        work = get;
        path = words[3];
        latencies = malloc(maximumLatencies * sizeof *latencies);
        deadline = now() + atof(words[5]);
    } else if (strcmp(words[1], "plans") == 0 && count == 8) {
        work = send_plans;
        readFiles(words[3]);
        planCount = strtoul(words[5], NULL, 10);
        plan = words[6];
        ids = calloc(idCount = planCount, sizeof *ids);
    } else {
        bytes = readRecords(words[3]);
        name = words[5];
        if (strcmp(words[1], "jobs") == 0 && count == 8) plan = words[6];
        if (count > 6) ids = calloc(idCount = recordCount, sizeof *ids);
    }

    pthread_t threads[maximumClients];
    double started = now();
    for (int client = 0; client < clients; client++) pthread_create(&threads[client], NULL, work, NULL);
    for (int client = 0; client < clients; client++) pthread_join(threads[client], NULL);
    double seconds = now() - started;

    if (ids) {
        FILE *file = fopen(words[count - 1], "w");
        if (!file) fail("cannot write %s", words[count - 1]);
        for (size_t index = 0; index < idCount; index++) fprintf(file, "%s\n", ids[index]);
        fclose(file);
    }
    size_t measured = latencies ? atomic_load(&requestCount) : 0;
    if (measured > maximumLatencies) measured = maximumLatencies;
    if (measured) qsort(latencies, measured, sizeof *latencies, ascending);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"requests\": %zu, \"seconds\": %.6f, \"started\": %.6f, \"bytes\": %zu, \"p50_ms\": %.4f, \"p99_ms\": %.4f, "
           "\"client_cpu_seconds\": %.3f}\n",
        atomic_load(&requestCount), seconds, started, bytes, measured ? latencies[measured / 2] : 0,
        measured ? latencies[measured * 99 / 100] : 0,
        usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6);
    return 0;
}
