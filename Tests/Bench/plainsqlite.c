/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Sluice authors
 *
 * What plain SQLite does on this disk without any server: one movement and its level per
 * transaction, write-ahead log, synchronous=FULL, default checkpoints. This is the floor that a
 * durable scan is compared with.
 *
 *   plainsqlite FILE SECONDS PRODUCTS PLACES
 */
#define _GNU_SOURCE
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>

static double seconds_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_now(void) {
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec)
        + (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static sqlite3 *database;

static void must(int code) {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
    fprintf(stderr, "plainsqlite: %s\n", sqlite3_errmsg(database));
    exit(1);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
    if (argc != 5) { fprintf(stderr, "plainsqlite FILE SECONDS PRODUCTS PLACES\n"); return 2; }
    double seconds = atof(argv[2]);
    unsigned products = (unsigned)atoi(argv[3]), places = (unsigned)atoi(argv[4]);
    must(sqlite3_open(argv[1], &database));
    must(sqlite3_exec(database,
        "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "PRAGMA cache_size=-65536;"
        "CREATE TABLE IF NOT EXISTS movement(id INTEGER PRIMARY KEY, event BLOB NOT NULL UNIQUE,"
        " product INTEGER NOT NULL, place INTEGER NOT NULL, amount INTEGER NOT NULL,"
        " at INTEGER NOT NULL) STRICT;"
        "CREATE TABLE IF NOT EXISTS level(product INTEGER NOT NULL, place INTEGER NOT NULL,"
        " amount INTEGER NOT NULL, PRIMARY KEY(product, place)) STRICT, WITHOUT ROWID;",
        NULL, NULL, NULL));
    sqlite3_stmt *begin, *insert, *raise, *commit;
    must(sqlite3_prepare_v2(database, "BEGIN IMMEDIATE", -1, &begin, NULL));
    must(sqlite3_prepare_v2(database, "COMMIT", -1, &commit, NULL));
    must(sqlite3_prepare_v2(database,
        "INSERT INTO movement(event, product, place, amount, at) VALUES(?, ?, ?, 1, ?)",
        -1, &insert, NULL));
    must(sqlite3_prepare_v2(database,
        "INSERT INTO level(product, place, amount) VALUES(?, ?, 1)"
        " ON CONFLICT DO UPDATE SET amount = amount + 1", -1, &raise, NULL));
    size_t room = 1 << 20, count = 0;
    double *took = malloc(room * sizeof *took);
    if (!took) return 1;
    double start = seconds_now(), cpu = cpu_now(), now = start;
    while (now < start + seconds) {
        struct { uint64_t head; uint64_t tail; } event = {(uint64_t)(now * 1e9), 0};
        uint32_t pick[2];
        if (getrandom(&event.tail, sizeof event.tail, 0) < 0) return 1;
        if (getrandom(pick, sizeof pick, 0) < 0) return 1;
        must(sqlite3_step(begin)); sqlite3_reset(begin);
        sqlite3_bind_blob(insert, 1, &event, sizeof event, SQLITE_STATIC);
        sqlite3_bind_int64(insert, 2, pick[0] % products);
        sqlite3_bind_int64(insert, 3, pick[1] % places);
        sqlite3_bind_int64(insert, 4, (sqlite3_int64)(now * 1e6));
        must(sqlite3_step(insert)); sqlite3_reset(insert);
        sqlite3_bind_int64(raise, 1, pick[0] % products);
        sqlite3_bind_int64(raise, 2, pick[1] % places);
        must(sqlite3_step(raise)); sqlite3_reset(raise);
        must(sqlite3_step(commit)); sqlite3_reset(commit);
        double after = seconds_now();
        if (count == room) {
            room *= 2;
            took = realloc(took, room * sizeof *took);
            if (!took) return 1;
        }
        took[count++] = (after - now) * 1e6;
        now = after;
    }
    double elapsed = now - start;
    cpu = cpu_now() - cpu;
    qsort(took, count, sizeof *took, ascending);
    printf("{\"seconds\":%.3f,\"accepted\":%zu,\"per_second\":%.1f,\"p50_us\":%.1f,"
           "\"p99_us\":%.1f,\"cpu_us\":%.2f}\n",
           elapsed, count, (double)count / elapsed, took[count / 2], took[count * 99 / 100],
           cpu * 1e6 / (double)count);
    sqlite3_finalize(begin);
    sqlite3_finalize(insert);
    sqlite3_finalize(raise);
    sqlite3_finalize(commit);
    sqlite3_close(database);
    return 0;
}
