// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS
import Glibc
import Synchronization

@testable import SealedStore

/// A file layer between the sealing one and SQLite's own: every step goes through `TestDisk`.
enum FaultLayer {
    static func make() -> UnsafeMutablePointer<sqlite3_vfs>? {
        guard let below = sqlite3_vfs_find("unix-excl"), let name = strdup("faults") else {
            return nil
        }
        let table = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        // All but opening and removing is as below; the functions get their own table to find it.
        table.initialize(to: below.pointee)
        table.pointee.zName = UnsafePointer(name)
        table.pointee.szOsFile = Int32(MemoryLayout<sluice_file>.size) + below.pointee.szOsFile
        table.pointee.pNext = nil
        table.pointee.xOpen = openFile
        table.pointee.xDelete = deleteFile
        table.pointee.xAccess = { _, name, flags, out in
            sqlite3_vfs_find("unix-excl").map { sluice_below_access($0, name, flags, out) }
                ?? SQLITE_ERROR
        }
        table.pointee.xFullPathname = { _, name, size, out in
            sqlite3_vfs_find("unix-excl").map { sluice_below_full_pathname($0, name, size, out) }
                ?? SQLITE_ERROR
        }
        return table
    }
}

/// What is known of one open file.
private final class OpenFile {
    let path: String
    /// SQLite's own layer flushes the folder of a log with the first flush of each descriptor.
    var flushesFolder: Bool

    init(_ path: String, flushesFolder: Bool) {
        self.path = path
        self.flushesFolder = flushesFolder
    }
}

private typealias FilePointer = UnsafeMutablePointer<sluice_file>

private func pointer(_ file: UnsafeMutablePointer<sqlite3_file>?) -> FilePointer {
    UnsafeMutableRawPointer(file!).assumingMemoryBound(to: sluice_file.self)
}

private func state(_ file: UnsafeMutablePointer<sqlite3_file>?) -> OpenFile {
    Unmanaged<OpenFile>.fromOpaque(pointer(file).pointee.state!).takeUnretainedValue()
}

private func openFile(
    _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ name: UnsafePointer<CChar>?,
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32,
    _ outFlags: UnsafeMutablePointer<Int32>?
) -> Int32 {
    guard let below = sqlite3_vfs_find("unix-excl"), let name else { return SQLITE_CANTOPEN }
    let pointer = pointer(file)
    sluice_prepare(pointer, below.pointee.szOsFile)
    let path = String(cString: name)
    let creates = flags & SQLITE_OPEN_CREATE != 0
    if creates, access(name, F_OK) != 0, TestDisk.take(.create(path)) != 0 {
        return SQLITE_CANTOPEN
    }
    let code = sluice_below_open(below, name, pointer, flags, outFlags)
    guard code == SQLITE_OK else {
        _ = sluice_close(pointer)
        return code
    }
    let isNewLog = creates && flags & SQLITE_OPEN_WAL != 0
    pointer.pointee.state =
        Unmanaged.passRetained(OpenFile(path, flushesFolder: isNewLog)).toOpaque()
    pointer.pointee.base.pMethods = UnsafePointer(methods)
    return SQLITE_OK
}

private func deleteFile(
    _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ name: UnsafePointer<CChar>?, _ sync: Int32
) -> Int32 {
    guard let below = sqlite3_vfs_find("unix-excl"), let name else { return sluice_ioerr_delete }
    let path = String(cString: name)
    guard TestDisk.take(.remove(path)) == 0 else { return sluice_ioerr_delete }
    let code = sluice_below_delete(below, name, sync)
    if code == SQLITE_OK, sync != 0 { TestDisk.note(.step(.flushFolder(of: path))) }
    return code
}

nonisolated(unsafe) private let methods: UnsafeMutablePointer<sqlite3_io_methods> = {
    let table = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
    table.initialize(to: sqlite3_io_methods())
    table.pointee.iVersion = 2
    table.pointee.xClose = { file in
        let pointer = pointer(file)
        if let state = pointer.pointee.state {
            Unmanaged<OpenFile>.fromOpaque(state).release()
            pointer.pointee.state = nil
        }
        return sluice_close(pointer)
    }
    table.pointee.xRead = { file, out, size, offset in
        guard TestDisk.take(.read(state(file).path)) == 0 else { return sluice_ioerr_read }
        return sluice_read(pointer(file), out, size, offset)
    }
    table.pointee.xWrite = writeFile
    table.pointee.xTruncate = { file, size in
        guard TestDisk.take(.truncate(state(file).path, size: Int(size))) == 0 else {
            return sluice_ioerr_truncate
        }
        return sluice_truncate(pointer(file), size)
    }
    table.pointee.xSync = syncFile
    table.pointee.xFileSize = { sluice_size(pointer($0), $1) }
    table.pointee.xLock = { sluice_lock(pointer($0), $1) }
    table.pointee.xUnlock = { sluice_unlock(pointer($0), $1) }
    table.pointee.xCheckReservedLock = { sluice_reserved_lock(pointer($0), $1) }
    table.pointee.xFileControl = { sluice_control(pointer($0), $1, $2) }
    table.pointee.xSectorSize = { sluice_sector_size(pointer($0)) }
    table.pointee.xDeviceCharacteristics = { sluice_characteristics(pointer($0)) }
    table.pointee.xShmMap = { sluice_shm_map(pointer($0), $1, $2, $3, $4) }
    table.pointee.xShmLock = { sluice_shm_lock(pointer($0), $1, $2, $3) }
    table.pointee.xShmBarrier = { sluice_shm_barrier(pointer($0)) }
    table.pointee.xShmUnmap = { sluice_shm_unmap(pointer($0), $1) }
    return table
}()

/// A write that fails has written about half of its sectors: a full disk stops anywhere.
private func writeFile(
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ bytes: UnsafeRawPointer?, _ size: Int32,
    _ offset: sqlite3_int64
) -> Int32 {
    let copy = Array(UnsafeRawBufferPointer(start: bytes, count: Int(size)))
    let number = TestDisk.take(.write(state(file).path, offset: Int(offset), bytes: copy))
    guard number != 0 else { return sluice_write(pointer(file), bytes, size, offset) }
    let half = Int32((Int(offset) + Int(size) / 2) / 512 * 512 - Int(offset))
    if half > 0 { _ = sluice_write(pointer(file), bytes, half, offset) }
    return number == ENOSPC ? SQLITE_FULL : sluice_ioerr_write
}

private func syncFile(_ file: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32) -> Int32 {
    let state = state(file)
    guard TestDisk.take(.flush(state.path)) == 0 else { return sluice_ioerr_fsync }
    let code = sluice_sync(pointer(file), flags)
    if code == SQLITE_OK, state.flushesFolder {
        state.flushesFolder = false
        // Never refused: SQLite's layer takes no notice, which is why the sealing layer flushes the
        // folder itself.
        TestDisk.note(.step(.flushFolder(of: state.path)))
    }
    return code
}
