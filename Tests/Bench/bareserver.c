/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Sluice authors
 *
 * The least that a durable scan server can be: libmicrohttpd and plain SQLite, nothing between
 * them. It asks nobody who they are, looks nothing up, keeps no journal and seals nothing. What
 * Sluice does more is measured against it.
 *
 *   bareserver PORT null
 *       answers POST /scan at once and stores nothing: the cost of HTTP alone
 *   bareserver PORT FILE FULL [GROUP_MAX] [WORKERS]
 *       POST /scan {"id":"…","p":1,"l":2,"q":3}   product p, place l, amount q
 *       GET  /level?p=1&l=2
 *
 * A scan suspends its connection; one writer thread takes all scans that wait, stores them in one
 * transaction (write-ahead log, synchronous=FULL), and resumes the connections after COMMIT.
 * A program that understands the same command line and requests can stand in for it (see the
 * BENCH_REFERENCE variable of bench.py).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BODY_MAX = 512, ID_MAX = 64 };

struct scan {
    struct scan *next;
    struct MHD_Connection *connection;
    size_t length;
    char body[BODY_MAX];
    unsigned status;          /* 0 until the writer has decided */
};

/* The queue between the HTTP workers and the writer. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER;
static struct scan *first, **last = &first;
static int stopping;

static const char *file;      /* NULL in null mode */
static int group_max = 4096;
static struct MHD_Response *stored, *known, *wrong;

static void die(const char *what) {
    fprintf(stderr, "bareserver: %s\n", what);
    exit(1);
}

static sqlite3 *open_file(void) {
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                        | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) die(sqlite3_errmsg(db));
    sqlite3_busy_timeout(db, 5000);
    if (sqlite3_exec(db, "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                     "PRAGMA cache_size=-65536", NULL, NULL, NULL) != SQLITE_OK)
        die(sqlite3_errmsg(db));
    return db;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) die(sqlite3_errmsg(db));
    return statement;
}

static int run(sqlite3_stmt *statement) {
    int done = sqlite3_step(statement) == SQLITE_DONE;
    sqlite3_reset(statement);
    return done;
}

static long number_after(const char *text, const char *key) {
    const char *at = strstr(text, key);
    return at ? atol(at + strlen(key)) : -1;
}

struct statements { sqlite3_stmt *begin, *commit, *rollback, *insert, *raise; };

static unsigned store(sqlite3 *db, const struct statements *s, struct scan *scan, long long at) {
    scan->body[scan->length] = 0;
    const char *id = strstr(scan->body, "\"id\":\"");
    const char *end = id ? strchr(id += 6, '"') : NULL;
    long product = number_after(scan->body, "\"p\":"), place = number_after(scan->body, "\"l\":");
    long amount = number_after(scan->body, "\"q\":");
    if (!end || end - id > ID_MAX || product < 0 || place < 0 || amount < 1) return 400;
    sqlite3_bind_text(s->insert, 1, id, (int)(end - id), SQLITE_STATIC);
    sqlite3_bind_int64(s->insert, 2, product);
    sqlite3_bind_int64(s->insert, 3, place);
    sqlite3_bind_int64(s->insert, 4, amount);
    sqlite3_bind_int64(s->insert, 5, at);
    if (!run(s->insert)) return 500;
    if (sqlite3_changes(db) == 0) return 208;
    sqlite3_bind_int64(s->raise, 1, product);
    sqlite3_bind_int64(s->raise, 2, place);
    sqlite3_bind_int64(s->raise, 3, amount);
    return run(s->raise) ? 200 : 500;
}

/* Takes up to group_max waiting scans off the queue; NULL when the server stops. */
static struct scan *take_group(void) {
    pthread_mutex_lock(&lock);
    while (!first && !stopping) pthread_cond_wait(&arrived, &lock);
    struct scan *group = first, *tail = first;
    for (int n = 1; tail && tail->next && n < group_max; n++) tail = tail->next;
    if (tail) {
        first = tail->next;
        tail->next = NULL;
        if (!first) last = &first;
    }
    pthread_mutex_unlock(&lock);
    return group;
}

static void *write_groups(void *unused) {
    (void)unused;
    sqlite3 *db = open_file();
    if (sqlite3_exec(db,
        "CREATE TABLE IF NOT EXISTS movement(id INTEGER PRIMARY KEY, event TEXT NOT NULL UNIQUE,"
        " product INTEGER NOT NULL, place INTEGER NOT NULL, amount INTEGER NOT NULL,"
        " at INTEGER NOT NULL) STRICT;"
        "CREATE TABLE IF NOT EXISTS level(product INTEGER NOT NULL, place INTEGER NOT NULL,"
        " amount INTEGER NOT NULL, PRIMARY KEY(product, place)) STRICT, WITHOUT ROWID;",
        NULL, NULL, NULL) != SQLITE_OK) die(sqlite3_errmsg(db));
    struct statements s = {
        prepare(db, "BEGIN IMMEDIATE"), prepare(db, "COMMIT"), prepare(db, "ROLLBACK"),
        prepare(db, "INSERT INTO movement(event, product, place, amount, at)"
                    " VALUES(?, ?, ?, ?, ?) ON CONFLICT(event) DO NOTHING"),
        prepare(db, "INSERT INTO level(product, place, amount) VALUES(?, ?, ?)"
                    " ON CONFLICT DO UPDATE SET amount = amount + excluded.amount")};
    for (struct scan *group = take_group(); group; group = take_group()) {
        struct timespec t;
        clock_gettime(CLOCK_REALTIME, &t);
        long long at = t.tv_sec * 1000000ll + t.tv_nsec / 1000;
        int begun = run(s.begin);
        for (struct scan *scan = group; scan; scan = scan->next)
            scan->status = begun ? store(db, &s, scan, at) : 500;
        int kept = begun && run(s.commit);
        if (begun && !kept) run(s.rollback);
        for (struct scan *scan = group, *next; scan; scan = next) {
            next = scan->next;
            if (!kept) scan->status = 500;
            MHD_resume_connection(scan->connection);
        }
    }
    sqlite3_stmt *all[] = {s.begin, s.commit, s.rollback, s.insert, s.raise};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) sqlite3_finalize(all[i]);
    sqlite3_close(db);
    return NULL;
}

static enum MHD_Result answer_level(struct MHD_Connection *connection) {
    static __thread sqlite3_stmt *select;
    if (!select)
        select = prepare(open_file(), "SELECT amount FROM level WHERE product = ? AND place = ?");
    const char *p = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "p");
    const char *l = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "l");
    sqlite3_bind_int64(select, 1, p ? atol(p) : 0);
    sqlite3_bind_int64(select, 2, l ? atol(l) : 0);
    long long amount = sqlite3_step(select) == SQLITE_ROW ? sqlite3_column_int64(select, 0) : 0;
    sqlite3_reset(select);
    char text[64];
    int length = snprintf(text, sizeof text, "{\"quantity\":%lld}", amount);
    struct MHD_Response *response =
        MHD_create_response_from_buffer((size_t)length, text, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result result = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer_scan(struct MHD_Connection *connection, struct scan *scan) {
    if (!file) return MHD_queue_response(connection, 200, stored);
    if (scan->status) {
        struct MHD_Response *response =
            scan->status == 200 ? stored : scan->status == 208 ? known : wrong;
        return MHD_queue_response(connection, scan->status, response);
    }
    MHD_suspend_connection(connection);
    pthread_mutex_lock(&lock);
    scan->next = NULL;
    *last = scan;
    last = &scan->next;
    pthread_cond_signal(&arrived);
    pthread_mutex_unlock(&lock);
    return MHD_YES;
}

static enum MHD_Result handle(void *unused, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **state) {
    (void)unused;
    (void)version;
    struct scan *scan = *state;
    if (!scan) {
        scan = *state = calloc(1, sizeof *scan);
        if (!scan) return MHD_NO;
        scan->connection = connection;
        return MHD_YES;
    }
    if (*size) {
        if (scan->length + *size >= BODY_MAX) return MHD_NO;
        memcpy(scan->body + scan->length, data, *size);
        scan->length += *size;
        *size = 0;
        return MHD_YES;
    }
    if (!strcmp(method, "GET") && file && !strcmp(url, "/level")) return answer_level(connection);
    if (!strcmp(method, "POST") && !strcmp(url, "/scan")) return answer_scan(connection, scan);
    return MHD_queue_response(connection, 404, wrong);
}

static void forget(void *unused, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode how) {
    (void)unused;
    (void)connection;
    (void)how;
    free(*state);
    *state = NULL;
}

static struct MHD_Response *fixed(const char *text) {
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Content-Type", "application/json");
    return response;
}

int main(int argc, char **argv) {
    if (argc < 3) die("PORT null | PORT FILE FULL [GROUP_MAX] [WORKERS]");
    if (strcmp(argv[2], "null")) {
        file = argv[2];
        if (argc < 4 || strcmp(argv[3], "FULL")) die("only FULL is offered");
    }
    if (argc > 4 && (group_max = atoi(argv[4])) < 1) die("GROUP_MAX is at least 1");
    unsigned workers = argc > 5 ? (unsigned)atoi(argv[5]) : 3;
    stored = fixed("{\"outcome\":\"stored\"}");
    known = fixed("{\"outcome\":\"known\"}");
    wrong = fixed("{\"outcome\":\"wrong\"}");
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    pthread_t writer;
    if (file && pthread_create(&writer, NULL, write_groups, NULL)) die("no writer thread");
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((unsigned short)atoi(argv[1])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    /* An epoll worker of libmicrohttpd 0.9.75 stalls when exactly 128 connections are ready at
       once, so a worker gets at most 120: three of them for 256 connections. */
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle, NULL,
        MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_THREAD_POOL_SIZE, workers,
        MHD_OPTION_CONNECTION_LIMIT, 120u * workers, MHD_OPTION_NOTIFY_COMPLETED, forget, NULL,
        MHD_OPTION_END);
    if (!daemon) die("cannot listen");
    int signal_number;
    sigwait(&signals, &signal_number);
    pthread_mutex_lock(&lock);
    stopping = 1;
    pthread_cond_signal(&arrived);
    pthread_mutex_unlock(&lock);
    if (file) pthread_join(writer, NULL);
    MHD_stop_daemon(daemon);
    return 0;
}
