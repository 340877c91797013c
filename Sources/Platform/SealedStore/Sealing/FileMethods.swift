// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS

/// The method table of sealed files. Each call finds its file object and hands over; a file that
/// did not open has no table, so no call ever comes without one.
///
/// Source: https://www.sqlite.org/c3ref/io_methods.html
enum FileMethods {
    /// Written once, read by SQLite only.
    nonisolated(unsafe) static let table: UnsafeMutablePointer<sqlite3_io_methods> = {
        let table = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        table.initialize(to: sqlite3_io_methods())
        table.pointee.iVersion = 3
        table.pointee.xClose = closeFile
        table.pointee.xRead = readFile
        table.pointee.xWrite = writeFile
        table.pointee.xTruncate = truncateFile
        table.pointee.xSync = syncFile
        table.pointee.xFileSize = sizeOfFile
        table.pointee.xLock = lockFile
        table.pointee.xUnlock = unlockFile
        table.pointee.xCheckReservedLock = reservedLockOfFile
        table.pointee.xFileControl = controlFile
        table.pointee.xSectorSize = sectorSizeOfFile
        table.pointee.xDeviceCharacteristics = characteristicsOfFile
        table.pointee.xShmMap = mapShm
        table.pointee.xShmLock = lockShm
        table.pointee.xShmBarrier = barrierShm
        table.pointee.xShmUnmap = unmapShm
        table.pointee.xFetch = fetchNothing
        table.pointee.xUnfetch = unfetchNothing
        return table
    }()
}

private typealias SealedPointer = UnsafeMutablePointer<sluice_file>

@inline(__always)
private func sealed(_ file: UnsafeMutablePointer<sqlite3_file>?) -> SealedPointer? {
    UnsafeMutableRawPointer(file)?.assumingMemoryBound(to: sluice_file.self)
}

@inline(__always)
private func object(_ file: UnsafeMutablePointer<sqlite3_file>?) -> SealedFile? {
    guard let state = sealed(file)?.pointee.state else { return nil }
    return Unmanaged<SealedFile>.fromOpaque(state).takeUnretainedValue()
}

private func closeFile(_ file: UnsafeMutablePointer<sqlite3_file>?) -> Int32 {
    guard let pointer = sealed(file), let state = pointer.pointee.state else { return SQLITE_OK }
    let object = Unmanaged<SealedFile>.fromOpaque(state).takeRetainedValue()
    let settled = object.settle()
    pointer.pointee.state = nil
    let closed = sluice_close(pointer)
    return settled == SQLITE_OK ? closed : settled
}

private func readFile(
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ out: UnsafeMutableRawPointer?, _ size: Int32,
    _ offset: sqlite3_int64
) -> Int32 {
    guard let object = object(file), let out else { return sluice_ioerr_read }
    return object.read(out.assumingMemoryBound(to: UInt8.self), Int(size), Int(offset))
}

private func writeFile(
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ bytes: UnsafeRawPointer?, _ size: Int32,
    _ offset: sqlite3_int64
) -> Int32 {
    guard let object = object(file), let bytes else { return sluice_ioerr_write }
    return object.write(bytes.assumingMemoryBound(to: UInt8.self), Int(size), Int(offset))
}

private func truncateFile(
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ size: sqlite3_int64
) -> Int32 {
    object(file)?.truncate(Int(size)) ?? SQLITE_MISUSE
}

private func syncFile(_ file: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32) -> Int32 {
    object(file)?.sync(flags) ?? SQLITE_MISUSE
}

private func sizeOfFile(
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ out: UnsafeMutablePointer<sqlite3_int64>?
) -> Int32 {
    guard let pointer = sealed(file), let object = object(file) else { return SQLITE_MISUSE }
    let code = object.settle()
    return code == SQLITE_OK ? sluice_size(pointer, out) : code
}

private func lockFile(_ file: UnsafeMutablePointer<sqlite3_file>?, _ level: Int32) -> Int32 {
    sealed(file).map { sluice_lock($0, level) } ?? SQLITE_MISUSE
}

private func unlockFile(_ file: UnsafeMutablePointer<sqlite3_file>?, _ level: Int32) -> Int32 {
    sealed(file).map { sluice_unlock($0, level) } ?? SQLITE_MISUSE
}

private func reservedLockOfFile(
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ out: UnsafeMutablePointer<Int32>?
) -> Int32 {
    sealed(file).map { sluice_reserved_lock($0, out) } ?? SQLITE_MISUSE
}

/// Answers what would unsettle sealing (memory mapping, another page size) without passing it on.
private func controlFile(
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ operation: Int32,
    _ argument: UnsafeMutableRawPointer?
) -> Int32 {
    guard let pointer = sealed(file) else { return SQLITE_MISUSE }
    switch operation {
    case SQLITE_FCNTL_MMAP_SIZE, SQLITE_FCNTL_SIZE_HINT, SQLITE_FCNTL_CHUNK_SIZE,
        SQLITE_FCNTL_POWERSAFE_OVERWRITE:
        return SQLITE_OK
    case SQLITE_FCNTL_PRAGMA:
        guard let words = argument?.assumingMemoryBound(to: UnsafeMutablePointer<CChar>?.self),
            let word = words[1], words[2] != nil
        else { return SQLITE_NOTFOUND }
        let swallowed =
            sqlite3_stricmp(word, "mmap_size") == 0 || sqlite3_stricmp(word, "page_size") == 0
        return swallowed ? SQLITE_OK : SQLITE_NOTFOUND
    case SQLITE_FCNTL_CKPT_START, SQLITE_FCNTL_CKPT_DONE:
        (object(file) as? MainFile)?.copying(operation == SQLITE_FCNTL_CKPT_START)
        return SQLITE_NOTFOUND
    default:
        return sluice_control(pointer, operation, argument)
    }
}

private func sectorSizeOfFile(_ file: UnsafeMutablePointer<sqlite3_file>?) -> Int32 {
    sealed(file).map(sluice_sector_size) ?? 0
}

/// A frame is written in one piece that does not end at a sector's border. We promise SQLite that
/// a write touches no byte beside it, as every disk of this century does; otherwise SQLite would
/// split frames at sector borders. What a device may promise about atomic pages does not hold for
/// sealed ones.
private func characteristicsOfFile(_ file: UnsafeMutablePointer<sqlite3_file>?) -> Int32 {
    let kept =
        SQLITE_IOCAP_SAFE_APPEND | SQLITE_IOCAP_SEQUENTIAL
        | SQLITE_IOCAP_UNDELETABLE_WHEN_OPEN
    let device = sealed(file).map(sluice_characteristics) ?? 0
    return (device & kept) | SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

private func mapShm(
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ region: Int32, _ size: Int32, _ extend: Int32,
    _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
    sealed(file).map { sluice_shm_map($0, region, size, extend, out) } ?? SQLITE_MISUSE
}

private func lockShm(
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ offset: Int32, _ count: Int32, _ flags: Int32
) -> Int32 {
    guard let main = object(file) as? MainFile else { return SQLITE_MISUSE }
    return main.shmLock(offset, count, flags)
}

private func barrierShm(_ file: UnsafeMutablePointer<sqlite3_file>?) {
    if let pointer = sealed(file) { sluice_shm_barrier(pointer) }
}

private func unmapShm(_ file: UnsafeMutablePointer<sqlite3_file>?, _ deleteFlag: Int32) -> Int32 {
    sealed(file).map { sluice_shm_unmap($0, deleteFlag) } ?? SQLITE_MISUSE
}

/// Sealed pages cannot be mapped: SQLite reads them with xRead.
private func fetchNothing(
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ offset: sqlite3_int64, _ size: Int32,
    _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
    out?.pointee = nil
    return SQLITE_OK
}

private func unfetchNothing(
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ offset: sqlite3_int64,
    _ page: UnsafeMutableRawPointer?
) -> Int32 {
    SQLITE_OK
}
