// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors
//
// What Swift cannot import of SQLite: the layout of a file object that carries another one behind
// it, variadic functions, compound macros, and calls through the method table of the file below.
// Source: https://www.sqlite.org/vfs.html, https://www.sqlite.org/c3ref/intro.html
#ifndef SLUICE_CSQLITEVFS_SHIM_H
#define SLUICE_CSQLITEVFS_SHIM_H

#include <fcntl.h>
#include <sqlite3.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/// A sealed file as SQLite allocates it; the file object of the VFS below lies right behind.
typedef struct sluice_file {
    sqlite3_file base;
    void *state;
    sqlite3_file *below;
} sluice_file;

static const int sluice_file_size = (int)sizeof(sluice_file);
static const int sluice_ioerr_read = SQLITE_IOERR_READ;
static const int sluice_ioerr_short_read = SQLITE_IOERR_SHORT_READ;
static const int sluice_ioerr_write = SQLITE_IOERR_WRITE;
static const int sluice_ioerr_fsync = SQLITE_IOERR_FSYNC;
static const int sluice_ioerr_data = SQLITE_IOERR_DATA;
static const int sluice_ioerr_delete = SQLITE_IOERR_DELETE;
static const int sluice_ioerr_truncate = SQLITE_IOERR_TRUNCATE;
static const int sluice_constraint_check = SQLITE_CONSTRAINT_CHECK;
static const int sluice_constraint_foreign_key = SQLITE_CONSTRAINT_FOREIGNKEY;
static const int sluice_constraint_not_null = SQLITE_CONSTRAINT_NOTNULL;
static const int sluice_constraint_primary_key = SQLITE_CONSTRAINT_PRIMARYKEY;
static const int sluice_constraint_rowid = SQLITE_CONSTRAINT_ROWID;
static const int sluice_constraint_trigger = SQLITE_CONSTRAINT_TRIGGER;
static const int sluice_constraint_unique = SQLITE_CONSTRAINT_UNIQUE;
static const int sluice_constraint_data_type = SQLITE_CONSTRAINT_DATATYPE;

/// Puts the file object of the VFS below behind `file` and leaves it closed.
static inline void sluice_prepare(sluice_file *file, int below_size) {
    file->base.pMethods = NULL;
    file->state = NULL;
    file->below = (sqlite3_file *)(void *)(file + 1);
    memset(file->below, 0, (size_t)below_size);
}

static inline int sluice_below_open(
    sqlite3_vfs *vfs, const char *name, sluice_file *file, int flags, int *out_flags) {
    return vfs->xOpen(vfs, name, file->below, flags, out_flags);
}
static inline int sluice_below_delete(sqlite3_vfs *vfs, const char *name, int sync_directory) {
    return vfs->xDelete(vfs, name, sync_directory);
}
static inline int sluice_below_access(sqlite3_vfs *vfs, const char *name, int flags, int *out) {
    return vfs->xAccess(vfs, name, flags, out);
}
static inline int sluice_below_full_pathname(
    sqlite3_vfs *vfs, const char *name, int size, char *out) {
    return vfs->xFullPathname(vfs, name, size, out);
}
static inline int sluice_below_randomness(sqlite3_vfs *vfs, int size, char *out) {
    return vfs->xRandomness(vfs, size, out);
}
static inline int sluice_below_sleep(sqlite3_vfs *vfs, int microseconds) {
    return vfs->xSleep(vfs, microseconds);
}
static inline int sluice_below_time(sqlite3_vfs *vfs, double *out) {
    return vfs->xCurrentTime(vfs, out);
}
static inline int sluice_below_time64(sqlite3_vfs *vfs, sqlite3_int64 *out) {
    return vfs->xCurrentTimeInt64(vfs, out);
}
static inline int sluice_below_last_error(sqlite3_vfs *vfs, int size, char *out) {
    return vfs->xGetLastError ? vfs->xGetLastError(vfs, size, out) : 0;
}

static inline int sluice_close(sluice_file *file) {
    return file->below->pMethods ? file->below->pMethods->xClose(file->below) : SQLITE_OK;
}
static inline int sluice_read(sluice_file *file, void *out, int size, sqlite3_int64 offset) {
    return file->below->pMethods->xRead(file->below, out, size, offset);
}
static inline int sluice_write(
    sluice_file *file, const void *bytes, int size, sqlite3_int64 offset) {
    return file->below->pMethods->xWrite(file->below, bytes, size, offset);
}
static inline int sluice_truncate(sluice_file *file, sqlite3_int64 size) {
    return file->below->pMethods->xTruncate(file->below, size);
}
static inline int sluice_sync(sluice_file *file, int flags) {
    return file->below->pMethods->xSync(file->below, flags);
}
static inline int sluice_size(sluice_file *file, sqlite3_int64 *out) {
    return file->below->pMethods->xFileSize(file->below, out);
}
static inline int sluice_lock(sluice_file *file, int level) {
    return file->below->pMethods->xLock(file->below, level);
}
static inline int sluice_unlock(sluice_file *file, int level) {
    return file->below->pMethods->xUnlock(file->below, level);
}
static inline int sluice_reserved_lock(sluice_file *file, int *out) {
    return file->below->pMethods->xCheckReservedLock(file->below, out);
}
static inline int sluice_control(sluice_file *file, int operation, void *argument) {
    return file->below->pMethods->xFileControl(file->below, operation, argument);
}
static inline int sluice_sector_size(sluice_file *file) {
    return file->below->pMethods->xSectorSize(file->below);
}
static inline int sluice_characteristics(sluice_file *file) {
    return file->below->pMethods->xDeviceCharacteristics(file->below);
}
static inline int sluice_shm_map(
    sluice_file *file, int region, int size, int extend, void volatile **out) {
    return file->below->pMethods->xShmMap(file->below, region, size, extend, out);
}
static inline int sluice_shm_lock(sluice_file *file, int offset, int count, int flags) {
    return file->below->pMethods->xShmLock(file->below, offset, count, flags);
}
static inline void sluice_shm_barrier(sluice_file *file) {
    file->below->pMethods->xShmBarrier(file->below);
}
static inline int sluice_shm_unmap(sluice_file *file, int delete_flag) {
    return file->below->pMethods->xShmUnmap(file->below, delete_flag);
}

/// Keeps statement journals in memory; only before sqlite3_initialize.
static inline int sluice_statement_journals_in_memory(void) {
    return sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1);
}
/// Leaves the counting of memory out, which takes a lock of the whole process for each piece; only
/// before sqlite3_initialize.
static inline int sluice_no_memory_statistics(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}
/// Reads and sets how SQLite allocates; only before sqlite3_initialize. Tests of failed allocations
/// use them.
static inline int sluice_memory_methods(sqlite3_mem_methods *out) {
    return sqlite3_config(SQLITE_CONFIG_GETMALLOC, out);
}
static inline int sluice_use_memory_methods(const sqlite3_mem_methods *methods) {
    return sqlite3_config(SQLITE_CONFIG_MALLOC, methods);
}
/// Refuses writes to shadow tables and to the schema table, whatever the SQL says.
static inline int sluice_defend(sqlite3 *db) {
    int on = 0;
    int code = sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, &on);
    return code == SQLITE_OK && !on ? SQLITE_ERROR : code;
}
/// Trusts no function or virtual table that a schema names, unless it is marked harmless.
static inline int sluice_distrust_schema(sqlite3 *db) {
    int on = 1;
    int code = sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, &on);
    return code == SQLITE_OK && on ? SQLITE_ERROR : code;
}
/// Writes past the kernel's memory: O_DIRECT of open(2), which GNU extensions alone define.
static const int sluice_o_direct = __O_DIRECT;
/// Exchanges two files or folders in one step: RENAME_EXCHANGE of renameat2(2), relative to the
/// working folder (AT_FDCWD is -100).
static inline int sluice_exchange(const char *a, const char *b) {
    return (int)syscall(SYS_renameat2, -100, a, -100, b, 2);
}
/// Binds a copy of the text.
static inline int sluice_bind_text(sqlite3_stmt *stmt, int index, const char *text, int size) {
    return sqlite3_bind_text(stmt, index, text, size, SQLITE_TRANSIENT);
}
/// Binds a copy of the bytes; no bytes at all are an empty blob, not NULL.
static inline int sluice_bind_blob(sqlite3_stmt *stmt, int index, const void *bytes, int size) {
    if (size == 0) return sqlite3_bind_zeroblob(stmt, index, 0);
    return sqlite3_bind_blob(stmt, index, bytes, size, SQLITE_TRANSIENT);
}

#endif
