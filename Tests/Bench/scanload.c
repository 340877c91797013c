/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Sluice authors
 *
 * A closed-loop load generator for HTTP/1.1 on the loopback: N keep-alive connections, each of
 * which sends its next request as soon as the answer to the last one is complete. One thread, one
 * epoll loop, so that it takes as little as possible of the cores that it shares with the server.
 *
 *   scanload -p PORT -t TARGET [-c CONNECTIONS] [-s SECONDS] [-n REQUESTS] [-m METHOD]
 *            [-h 'Name: value']... [-b BODY] [-l NAME=FILE]... [-a ACKED] [-i INFLIGHT]
 *            [-k DEVICES]
 *
 * METHOD is GET, or POST when there is a BODY.
 *
 * TARGET, header values and BODY are templates:
 *   @event@   a fresh UUID, ordered by time (version 7)
 *   @serial@  the number of the request, from 1
 *   @NAME@    a random line of the list given with -l NAME=FILE
 *
 * -k signs every request (docs/API-DESIGN.md): each line of DEVICES is a device and its key, and each
 * connection is one of them with a count of its own.
 *
 * -a writes the event of every request that was answered with 2xx, one a line; -i the events whose
 * fate is not known (the connection broke first, or the time was up). One JSON line is printed;
 * latencies are exact percentiles in microseconds, since every sample is kept.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum { LISTS_MAX = 8, PARTS_MAX = 128, REQUEST_MAX = 16384, ANSWER_MAX = 65536, EVENT_LENGTH = 36 };

struct list { const char *name; char **lines; size_t count; };

/* A template is cut once into literal pieces and slots, so that filling it is a row of memcpy. */
enum slot { LITERAL, EVENT, SERIAL, LIST };
struct part { enum slot slot; const char *text; size_t length; const struct list *list; };
struct template { struct part parts[PARTS_MAX]; int count; };

struct connection {
    int fd;
    int busy;                 /* a request is out and its answer is not complete */
    char event[EVENT_LENGTH + 1];
    uint64_t sent_at;         /* nanoseconds */
    char request[REQUEST_MAX];
    size_t request_length, request_sent;
    char answer[ANSWER_MAX];
    size_t answer_length;
    size_t answer_wanted;     /* 0 until the header is complete */
    size_t answer_seen;       /* bytes of the answer so far, also those not kept */
    int status, close_after;
    const struct device *device;
    uint64_t sequence;
};

struct device { char *name, *key; };
static struct list devices;
static const char *method = NULL, *media_type = "";

static struct list lists[LISTS_MAX];
static int list_count;
static struct template head, body;
static struct sockaddr_in server;
static int poller;
static FILE *acked_file, *inflight_file;
static uint64_t serial, serial_limit = UINT64_MAX;
static uint64_t answered, accepted, refused, broken, first_refused_status;
static uint32_t *samples;     /* tenths of a microsecond */
static size_t sample_room;
static uint64_t random_state;

static void die(const char *what) { fprintf(stderr, "scanload: %s\n", what); exit(2); }

static uint64_t clock_ns(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* splitmix64: good enough to pick lines and to fill the random part of a UUID. */
static uint64_t next_random(void) {
    uint64_t z = (random_state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* RFC 9562, version 7: 48 bits of milliseconds, then random bits. */
static void make_event(char *out) {
    uint64_t ms = clock_ns(CLOCK_REALTIME) / 1000000u;
    uint64_t high = (ms << 16) | 0x7000u | (next_random() & 0x0FFFu);
    uint64_t low = (next_random() & 0x3FFFFFFFFFFFFFFFu) | 0x8000000000000000u;
    static const char digits[] = "0123456789abcdef";
    int at = 0;
    for (int nibble = 0; nibble < 32; nibble++) {
        if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) out[at++] = '-';
        uint64_t half = nibble < 16 ? high : low;
        out[at++] = digits[(half >> (60 - 4 * (nibble % 16))) & 15];
    }
    out[at] = 0;
}

static void read_list(const char *argument) {
    const char *equals = strchr(argument, '=');
    if (!equals || list_count == LISTS_MAX) die("-l wants NAME=FILE, at most 8 of them");
    struct list *list = &lists[list_count++];
    list->name = strndup(argument, (size_t)(equals - argument));
    FILE *file = fopen(equals + 1, "r");
    if (!file) die("a list file cannot be read");
    char *line = NULL;
    size_t room = 0, slots = 0;
    ssize_t length;
    while ((length = getline(&line, &room, file)) > 0) {
        while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r')) length--;
        if (length == 0) continue;
        if (list->count == slots) {
            slots = slots ? slots * 2 : 256;
            list->lines = realloc(list->lines, slots * sizeof *list->lines);
            if (!list->lines) die("no memory");
        }
        list->lines[list->count++] = strndup(line, (size_t)length);
    }
    free(line);
    fclose(file);
    if (list->count == 0) die("a list is empty");
}

static void add_part(struct template *t, enum slot slot, const char *text, size_t length,
                     const struct list *list) {
    if (slot == LITERAL && length == 0) return;
    if (t->count == PARTS_MAX) die("the template has too many parts");
    t->parts[t->count++] = (struct part){slot, text, length, list};
}

/* `text` must live as long as the template. An unknown @word@ stays as it is. */
static void compile(struct template *t, const char *text) {
    const char *start = text;
    for (const char *at = strchr(text, '@'); at; at = strchr(at, '@')) {
        const char *end = strchr(at + 1, '@');
        if (!end) break;
        size_t length = (size_t)(end - at - 1);
        enum slot slot = LITERAL;
        const struct list *list = NULL;
        if (length == 5 && !memcmp(at + 1, "event", 5)) slot = EVENT;
        if (length == 6 && !memcmp(at + 1, "serial", 6)) slot = SERIAL;
        for (int i = 0; i < list_count; i++)
            if (strlen(lists[i].name) == length && !memcmp(lists[i].name, at + 1, length))
                slot = LIST, list = &lists[i];
        if (slot == LITERAL) { at++; continue; }
        add_part(t, LITERAL, start, (size_t)(at - start), NULL);
        add_part(t, slot, NULL, 0, list);
        at = start = end + 1;
    }
    add_part(t, LITERAL, start, strlen(start), NULL);
}

static size_t fill(const struct template *t, char *out, size_t room, const char *event) {
    size_t used = 0;
    for (int i = 0; i < t->count; i++) {
        const struct part *part = &t->parts[i];
        const char *text = part->text;
        size_t length = part->length;
        char number[24];
        if (part->slot == EVENT) text = event, length = EVENT_LENGTH;
        if (part->slot == SERIAL) {
            length = (size_t)sprintf(number, "%llu", (unsigned long long)serial);
            text = number;
        }
        if (part->slot == LIST) {
            text = part->list->lines[next_random() % part->list->count];
            length = strlen(text);
        }
        if (used + length > room) die("the request is too long");
        memcpy(out + used, text, length);
        used += length;
    }
    return used;
}

static void watch(struct connection *c, uint32_t events, int operation) {
    struct epoll_event event = {.events = events, .data.ptr = c};
    epoll_ctl(poller, operation, c->fd, &event);
}

static int dial(struct connection *c) {
    int yes = 1;
    c->busy = 0;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0) return 0;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(c->fd, (struct sockaddr *)&server, sizeof server)) {
        close(c->fd);
        c->fd = -1;
        return 0;
    }
    watch(c, EPOLLIN, EPOLL_CTL_ADD);
    return 1;
}

static void note_inflight(const struct connection *c) {
    if (c->busy && inflight_file) fprintf(inflight_file, "%s\n", c->event);
}

/* Returns 0 when the connection broke. */
static int push(struct connection *c) {
    while (c->request_sent < c->request_length) {
        ssize_t n = send(c->fd, c->request + c->request_sent, c->request_length - c->request_sent,
                         MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            watch(c, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
            return 1;
        }
        if (n <= 0) return 0;
        c->request_sent += (size_t)n;
    }
    return 1;
}

static void hex(const unsigned char *bytes, char *out) {
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < 32; i++) out[2 * i] = digits[bytes[i] >> 4], out[2 * i + 1] = digits[bytes[i] & 15];
    out[64] = 0;
}

/* The Authorization field of the request whose first line stands in `request`. */
static size_t sign(struct connection *c, const char *content, size_t length, char *out) {
    unsigned char bytes[32];
    char digest[65], text[REQUEST_MAX], target[REQUEST_MAX / 2];
    const char *start = strchr(c->request, ' ') + 1;
    size_t size = (size_t)(strchr(start, ' ') - start);
    if (size >= sizeof target) die("the target is too long to sign");
    memcpy(target, start, size);
    target[size] = 0;
    crypto_hash_sha256(bytes, (const unsigned char *)content, length);
    hex(bytes, digest);
    unsigned long long seconds = clock_ns(CLOCK_REALTIME) / 1000000000u;
    int used = snprintf(text, sizeof text, "sluice-mac-1\n%s\n%s\n%s\n%s\n%s\n%llu\n%llu", method, target,
                        length ? media_type : "", digest, c->device->name, (unsigned long long)++c->sequence, seconds);
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)c->device->key, strlen(c->device->key));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)text, (unsigned long long)used);
    crypto_auth_hmacsha256_final(&state, bytes);
    hex(bytes, digest);
    return (size_t)sprintf(out, "Authorization: Sluice-MAC device=%s, sequence=%llu, time=%llu, mac=%s\r\n",
                           c->device->name, (unsigned long long)c->sequence, seconds, digest);
}

static struct device *read_device(char *line) {
    struct device *device = calloc(1, sizeof *device);
    char *space = strchr(line, ' ');
    if (!device || !space) die("a line of DEVICES is a device and its key");
    *space = 0;
    device->name = line;
    device->key = space + 1;
    return device;
}

static int send_next(struct connection *c) {
    if (serial >= serial_limit) {
        close(c->fd);
        c->fd = -1;
        return 1;
    }
    serial++;
    make_event(c->event);
    char content[REQUEST_MAX / 2];
    size_t length = fill(&body, content, sizeof content, c->event);
    size_t used = fill(&head, c->request, sizeof c->request - 512, c->event);
    c->request[used] = 0;
    if (c->device) used += sign(c, content, length, c->request + used);
    if (used + length + 64 > sizeof c->request) die("the request is too long");
    if (length) used += (size_t)sprintf(c->request + used, "Content-Length: %zu\r\n", length);
    memcpy(c->request + used, "\r\n", 2);
    used += 2;
    memcpy(c->request + used, content, length);
    c->request_length = used + length;
    c->request_sent = c->answer_length = c->answer_wanted = c->answer_seen = 0;
    c->busy = 1;
    c->sent_at = clock_ns(CLOCK_MONOTONIC);
    return push(c);
}

static void reconnect(struct connection *c) {
    broken++;
    note_inflight(c);
    close(c->fd);
    c->fd = -1;
    /* A server that refuses everything must not turn this into a busy loop. */
    if (broken > 1000 || !dial(c)) return;
    if (!send_next(c)) { close(c->fd); c->fd = -1; }
}

/* Reads the status line and the length. Returns 0 until the header is complete, -1 on nonsense. */
static int read_header(struct connection *c) {
    c->answer[c->answer_length] = 0;
    char *end = strstr(c->answer, "\r\n\r\n");
    if (!end) return c->answer_length + 1 >= ANSWER_MAX ? -1 : 0;
    if (strncmp(c->answer, "HTTP/1.", 7)) return -1;
    c->status = atoi(c->answer + 9);
    c->close_after = c->answer[7] == '0';
    long length = -1;
    for (char *line = strstr(c->answer, "\r\n"); line < end; line = strstr(line + 2, "\r\n")) {
        if (!strncasecmp(line + 2, "Content-Length:", 15)) length = atol(line + 17);
        if (!strncasecmp(line + 2, "Connection: close", 17)) c->close_after = 1;
        if (!strncasecmp(line + 2, "Transfer-Encoding:", 18)) return -1;
    }
    if (length < 0) length = 0;
    c->answer_wanted = (size_t)(end + 4 - c->answer) + (size_t)length;
    return 1;
}

static void record(struct connection *c) {
    uint64_t took = clock_ns(CLOCK_MONOTONIC) - c->sent_at;
    if (answered == sample_room) {
        sample_room = sample_room ? sample_room * 2 : 1 << 16;
        samples = realloc(samples, sample_room * sizeof *samples);
        if (!samples) die("no memory");
    }
    samples[answered++] = took / 100 > UINT32_MAX ? UINT32_MAX : (uint32_t)(took / 100);
    if (c->status / 100 == 2) {
        accepted++;
        if (acked_file) fprintf(acked_file, "%s\n", c->event);
    } else {
        refused++;
        if (!first_refused_status) {
            first_refused_status = (uint64_t)c->status;
            fprintf(stderr, "scanload: first refusal: %.600s\n", c->answer);
        }
    }
    c->busy = 0;
}

static void receive(struct connection *c) {
    size_t keep = c->answer_wanted ? 0 : c->answer_length;
    ssize_t n = recv(c->fd, c->answer + keep, ANSWER_MAX - 1 - keep, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) { reconnect(c); return; }
    c->answer_seen += (size_t)n;
    if (!c->answer_wanted) {
        c->answer_length += (size_t)n;
        int header = read_header(c);
        if (header < 0) { reconnect(c); return; }
        if (header == 0) return;
    }
    if (c->answer_seen < c->answer_wanted) return;
    record(c);
    if (c->close_after) {
        close(c->fd);
        if (!dial(c)) { broken++; return; }
    }
    if (!send_next(c)) reconnect(c);
}

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static double percentile(double share) {
    if (answered == 0) return 0;
    size_t index = (size_t)(share * (double)answered);
    return samples[index < answered ? index : answered - 1] / 10.0;
}

static void run(struct connection *all, int count, double seconds) {
    uint64_t start = clock_ns(CLOCK_MONOTONIC), now = start;
    uint64_t end = start + (uint64_t)(seconds * 1e9);
    for (int i = 0; i < count; i++)
        if (!dial(&all[i]) || !send_next(&all[i])) broken++;
    struct epoll_event events[256];
    for (int alive = 1; alive && now < end; now = clock_ns(CLOCK_MONOTONIC)) {
        int ready = epoll_wait(poller, events, 256, 20);
        for (int i = 0; i < ready; i++) {
            struct connection *c = events[i].data.ptr;
            if (c->fd >= 0 && events[i].events & EPOLLOUT) {
                watch(c, EPOLLIN, EPOLL_CTL_MOD);
                if (!push(c)) { reconnect(c); continue; }
            }
            if (c->fd >= 0 && events[i].events & ~(uint32_t)EPOLLOUT) receive(c);
        }
        if (ready == 0 || serial >= serial_limit) {
            alive = 0;
            for (int i = 0; i < count; i++) alive += all[i].fd >= 0;
        }
    }
    double elapsed = (double)(now - start) / 1e9;
    for (int i = 0; i < count; i++) note_inflight(&all[i]);
    qsort(samples, answered, sizeof *samples, ascending);
    printf("{\"seconds\":%.3f,\"answered\":%llu,\"accepted\":%llu,\"refused\":%llu,"
           "\"first_refused_status\":%llu,\"broken\":%llu,\"per_second\":%.1f,"
           "\"p50_us\":%.1f,\"p90_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f}\n",
           elapsed, (unsigned long long)answered, (unsigned long long)accepted,
           (unsigned long long)refused, (unsigned long long)first_refused_status,
           (unsigned long long)broken, (double)accepted / elapsed, percentile(.5), percentile(.9),
           percentile(.99), percentile(.999), percentile(1));
}

int main(int argc, char **argv) {
    int option, connections = 1, port = 0;
    double seconds = 5;
    const char *target = "/", *content = "";
    char *headers = strdup("");
    while ((option = getopt(argc, argv, "p:t:c:s:n:m:h:b:l:a:i:k:")) != -1) switch (option) {
        case 'p': port = atoi(optarg); break;
        case 't': target = optarg; break;
        case 'c': connections = atoi(optarg); break;
        case 's': seconds = atof(optarg); break;
        case 'n': serial_limit = strtoull(optarg, NULL, 10); break;
        case 'm': method = optarg; break;
        case 'b': content = optarg; break;
        case 'l': read_list(optarg); break;
        case 'a': acked_file = fopen(optarg, "w"); break;
        case 'i': inflight_file = fopen(optarg, "w"); break;
        case 'k': {
            /* Read as a list under a name that no template can have. */
            char *named = NULL;
            if (asprintf(&named, " =%s", optarg) < 0) die("no memory");
            read_list(named);
            devices = lists[--list_count];
            lists[list_count] = (struct list){0};
            break;
        }
        case 'h': {
            if (!strncasecmp(optarg, "Content-Type: ", 14)) media_type = optarg + 14;
            char *longer = NULL;
            if (asprintf(&longer, "%s%s\r\n", headers, optarg) < 0) die("no memory");
            free(headers);
            headers = longer;
            break;
        }
        default: die("see the head of scanload.c for the options");
        }
    if (port <= 0 || port > 65535 || connections < 1) die("-p PORT is needed, -c is at least 1");
    if (getrandom(&random_state, sizeof random_state, 0) < 0) die("no randomness");
    if (!method) method = *content ? "POST" : "GET";
    /* The loopback and nothing else: this program must never be pointed at another machine. */
    server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char *first = NULL;
    if (asprintf(&first, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s", method, target, port,
                 headers) < 0) die("no memory");
    compile(&head, first);
    compile(&body, content);
    poller = epoll_create1(EPOLL_CLOEXEC);
    struct connection *all = calloc((size_t)connections, sizeof *all);
    if (poller < 0 || !all) die("cannot start");
    if (devices.count && (size_t)connections > devices.count) die("each connection needs a device");
    for (int i = 0; devices.count && i < connections; i++) {
        all[i].device = read_device(devices.lines[i]);
        /* Higher than in any run before, so that nothing need be remembered between runs. */
        all[i].sequence = clock_ns(CLOCK_REALTIME) / 1000u;
    }
    run(all, connections, seconds);
    if (acked_file) fclose(acked_file);
    if (inflight_file) fclose(inflight_file);
    return 0;
}
