// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS
import Glibc
import Synchronization

/// SQLite as this process uses it: set up once, with the sealing file layer as the only one.
///
/// Source: https://www.sqlite.org/vfs.html
enum Engine {
    private static let outcome: Result<Void, StoreFault> = prepare()

    /// What finds the file layer below the sealing one, once SQLite is initialised. Tests of faults
    /// set another one before the first start.
    struct Below {
        var find: @Sendable () -> UnsafeMutablePointer<sqlite3_vfs>? = {
            sqlite3_vfs_find("unix-excl")
        }
    }
    static let below = Mutex(Below())

    /// Makes SQLite ready. The first call decides, later ones repeat its answer.
    ///
    /// - Throws: `StoreFault.engine` when SQLite was in use before, or lacks what we build on.
    static func start() throws(StoreFault) { try outcome.get() }

    private static func prepare() -> Result<Void, StoreFault> {
        guard sluice_statement_journals_in_memory() == SQLITE_OK,
            sluice_no_memory_statistics() == SQLITE_OK
        else {
            return .failure(.engine("SQLite was started before the sealed store"))
        }
        guard sqlite3_initialize() == SQLITE_OK, let below = below.withLock({ $0.find })(),
            let name = strdup("sluice")
        else { return .failure(.engine("SQLite has no unix-excl file layer")) }
        // SQLite keeps the table for the life of the process, hence it is never freed.
        let table = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        table.initialize(to: sqlite3_vfs())
        table.pointee.iVersion = 2
        table.pointee.szOsFile = Int32(MemoryLayout<sluice_file>.size) + below.pointee.szOsFile
        table.pointee.mxPathname = below.pointee.mxPathname
        table.pointee.zName = UnsafePointer(name)
        table.pointee.pAppData = UnsafeMutableRawPointer(below)
        table.pointee.xOpen = openFile
        table.pointee.xDelete = deleteFile
        table.pointee.xAccess = accessFile
        table.pointee.xFullPathname = fullPathname
        table.pointee.xDlOpen = { _, _ in nil }
        table.pointee.xDlError = { _, size, out in if size > 0 { out?.pointee = 0 } }
        table.pointee.xDlSym = { _, _, _ in nil }
        table.pointee.xDlClose = { _, _ in }
        table.pointee.xRandomness = { vfs, size, out in
            layerBelow(vfs).map { sluice_below_randomness($0, size, out) } ?? 0
        }
        table.pointee.xSleep = { vfs, time in
            layerBelow(vfs).map { sluice_below_sleep($0, time) } ?? 0
        }
        table.pointee.xCurrentTime = { vfs, out in
            layerBelow(vfs).map { sluice_below_time($0, out) } ?? SQLITE_ERROR
        }
        table.pointee.xCurrentTimeInt64 = { vfs, out in
            layerBelow(vfs).map { sluice_below_time64($0, out) } ?? SQLITE_ERROR
        }
        table.pointee.xGetLastError = { vfs, size, out in
            layerBelow(vfs).map { sluice_below_last_error($0, size, out) } ?? 0
        }
        guard sqlite3_vfs_register(table, 1) == SQLITE_OK else {
            return .failure(.engine("SQLite refused the sealing file layer"))
        }
        return .success(())
    }
}

private func layerBelow(_ vfs: UnsafeMutablePointer<sqlite3_vfs>?)
    -> UnsafeMutablePointer<sqlite3_vfs>?
{
    vfs?.pointee.pAppData?.assumingMemoryBound(to: sqlite3_vfs.self)
}

/// Opens the main file or the log of a store that is open in this process, and nothing else: a
/// file of another kind (temporary, rollback journal) or another place would lie there in clear.
private func openFile(
    _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ name: UnsafePointer<CChar>?,
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32,
    _ outFlags: UnsafeMutablePointer<Int32>?
) -> Int32 {
    guard let below = layerBelow(vfs), let file else { return SQLITE_CANTOPEN }
    let pointer = UnsafeMutableRawPointer(file).assumingMemoryBound(to: sluice_file.self)
    sluice_prepare(pointer, below.pointee.szOsFile)
    guard let name, let object = sealedFile(name, pointer, flags) else { return SQLITE_CANTOPEN }
    // The main file is made by us before SQLite sees it, so it is never created here.
    let kept = object is MainFile ? flags & ~SQLITE_OPEN_CREATE : flags
    let code = sluice_below_open(below, name, pointer, kept, outFlags)
    guard code == SQLITE_OK else {
        _ = sluice_close(pointer)
        return code
    }
    pointer.pointee.state = Unmanaged.passRetained(object).toOpaque()
    pointer.pointee.base.pMethods = UnsafePointer(FileMethods.table)
    return SQLITE_OK
}

private func sealedFile(
    _ name: UnsafePointer<CChar>, _ pointer: UnsafeMutablePointer<sluice_file>, _ flags: Int32
) -> SealedFile? {
    let path = String(cString: name)
    if flags & SQLITE_OPEN_MAIN_DB != 0 {
        return OpenVaults.vault(at: path).map { MainFile($0, pointer) }
    }
    guard flags & SQLITE_OPEN_WAL != 0,
        let base = sqlite3_database_file_object(name),
        let state = UnsafeMutableRawPointer(base).assumingMemoryBound(to: sluice_file.self)
            .pointee.state,
        let main = Unmanaged<SealedFile>.fromOpaque(state).takeUnretainedValue() as? MainFile,
        path == main.vault.path + "-wal"
    else { return nil }
    let log = LogFile(main, pointer)
    main.log = log
    return log
}

/// Removes the log of an open store, and nothing else.
private func deleteFile(
    _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ name: UnsafePointer<CChar>?, _ sync: Int32
) -> Int32 {
    guard let below = layerBelow(vfs), let name else { return sluice_ioerr_delete }
    let path = String(cString: name)
    guard path.hasSuffix("-wal"), let vault = OpenVaults.vault(at: String(path.dropLast(4))),
        !vault.isFenced
    else { return sluice_ioerr_delete }
    vault.logEnds()
    return sluice_below_delete(below, name, sync)
}

private func accessFile(
    _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ name: UnsafePointer<CChar>?, _ flags: Int32,
    _ out: UnsafeMutablePointer<Int32>?
) -> Int32 {
    guard let below = layerBelow(vfs), let name else { return SQLITE_CANTOPEN }
    return sluice_below_access(below, name, flags, out)
}

private func fullPathname(
    _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ name: UnsafePointer<CChar>?, _ size: Int32,
    _ out: UnsafeMutablePointer<CChar>?
) -> Int32 {
    guard let below = layerBelow(vfs), let name else { return SQLITE_CANTOPEN }
    return sluice_below_full_pathname(below, name, size, out)
}
