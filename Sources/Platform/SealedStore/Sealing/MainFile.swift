// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS

/// The main file: every page sealed on its own, page 1 with a clear mark at its start.
final class MainFile: SealedFile {
    /// SQLite reads the log from its start to rebuild its index. Frames may be torn only then.
    private(set) var isRecovering = false
    /// The log of the same connection.
    weak var log: LogFile?
    /// This connection copies the log back.
    private(set) var isCopying = false
    /// The highest frame that was read for the copy back. When all of the log is copied that is its
    /// last frame: the newest version of the page in it.
    var copiedFrame = 0

    private var sealer: Sealer
    private let scratch = UnsafeMutablePointer<UInt8>.allocate(capacity: Format.page)
    /// The tag of the page that was opened last.
    private let openedTag = UnsafeMutablePointer<UInt8>.allocate(capacity: Format.tag)

    override init(_ vault: Vault, _ file: UnsafeMutablePointer<sluice_file>) {
        sealer = Sealer(vault, kind: .page)
        super.init(vault, file)
    }

    deinit {
        scratch.deallocate()
        openedTag.deallocate()
    }

    override func read(_ out: UnsafeMutablePointer<UInt8>, _ size: Int, _ offset: Int) -> Int32 {
        if size == Format.page, offset >= 0, offset % Format.page == 0 {
            return openNewest(offset / Format.page + 1, into: out)
        }
        // SQLite reads parts of page 1 only: its header at open, its change counter later.
        guard size >= 0, offset >= 0, size <= Format.page, offset <= Format.page - size else {
            return sluice_ioerr_read
        }
        let isFirstLook = offset == 0 && size == 100
        let code = openPage(1, into: scratch, reports: !isFirstLook)
        if code == SQLITE_OK {
            out.update(from: scratch + offset, count: size)
            return SQLITE_OK
        }
        // The first look comes before the log is read, which may hold the good page 1 after a
        // torn copy back. It only asks for page size and reserve, and both are constants.
        guard isFirstLook, code == sluice_ioerr_data else { return code }
        out.update(repeating: 0, count: size)
        out.update(from: Format.stockMagic, count: Format.mark)
        out[16] = UInt8(Format.page >> 8)
        out[18] = 2
        out[19] = 2
        out[20] = UInt8(Format.reserved)
        return SQLITE_OK
    }

    /// Opens a page that must be the newest version of itself. The first look at page 1 does not
    /// come here: the newest version may still be in the log then.
    private func openNewest(_ number: Int, into out: UnsafeMutablePointer<UInt8>) -> Int32 {
        let code = openPage(number, into: out)
        guard code == SQLITE_OK, let tags = vault.freshness?.tags else { return code }
        let isNewest = tags.isNewest(number, openedTag)
        if isNewest { return SQLITE_OK }
        out.update(repeating: 0, count: Format.page)
        return damaged(.main, number, .stale)
    }

    /// - Parameter reports: false when a torn page is no damage yet.
    private func openPage(
        _ number: Int, into out: UnsafeMutablePointer<UInt8>, reports: Bool = true
    ) -> Int32 {
        let offset = (number - 1) * Format.page
        let code = sluice_read(file, out, Int32(Format.page), Int64(offset))
        // A short page is damage: SQLite asks only for pages that it has written.
        if code == sluice_ioerr_short_read {
            return reports ? damaged(.main, number) : sluice_ioerr_data
        }
        guard code == SQLITE_OK else { return code }
        let skip = number == 1 ? Format.mark : 0
        let opened = sealer.open(
            out + skip, count: Format.body - skip, number: number, clear: skip > 0 ? out : nil,
            clearCount: skip, seal: out + Format.body)
        guard opened else {
            out.update(repeating: 0, count: Format.page)
            return reports ? damaged(.main, number) : sluice_ioerr_data
        }
        openedTag.update(from: out + Format.tagOffset, count: Format.tag)
        (out + Format.body).update(repeating: 0, count: Format.reserved)
        if skip > 0 { out.update(from: Format.stockMagic, count: skip) }
        return SQLITE_OK
    }

    override func write(_ bytes: UnsafePointer<UInt8>, _ size: Int, _ offset: Int) -> Int32 {
        guard !vault.isFenced, size == Format.page, offset >= 0, offset % Format.page == 0,
            sealPage(bytes, offset / Format.page + 1)
        else { return sluice_ioerr_write }
        let code = sluice_write(file, scratch, Int32(Format.page), Int64(offset))
        if code == SQLITE_OK {
            vault.freshness?.tags.set(offset / Format.page + 1, scratch + Format.tagOffset)
        }
        return code
    }

    override func truncate(_ size: Int) -> Int32 {
        let code = super.truncate(size)
        if code == SQLITE_OK { vault.freshness?.tags.cut(to: size / Format.page) }
        return code
    }

    /// Ends a copy back: the pages first, then the table of their tags. Only after both does SQLite
    /// take the log for copied.
    override func sync(_ flags: Int32) -> Int32 {
        let code = super.sync(flags)
        guard code == SQLITE_OK, let freshness = vault.freshness else { return code }
        defer { copiedFrame = 0 }
        do {
            try freshness.copiedBack(through: copiedFrame)
            return SQLITE_OK
        } catch {
            return vault.code(for: error)
        }
    }

    /// SQLite says when it begins to copy the log back and when it has copied.
    /// Source: https://www.sqlite.org/c3ref/c_fcntl_begin_atomic_write.html
    func copying(_ begins: Bool) {
        isCopying = begins
        if begins { copiedFrame = 0 }
    }

    /// Seals a copy: SQLite goes on using its own buffer.
    private func sealPage(_ bytes: UnsafePointer<UInt8>, _ number: Int) -> Bool {
        guard number != Format.lockPage, isZero(bytes + Format.body, Format.reserved) else {
            return false
        }
        scratch.update(from: bytes, count: Format.body)
        let skip = number == 1 ? Format.mark : 0
        if skip > 0 {
            guard bytes[20] == UInt8(Format.reserved) else { return false }
            scratch.update(from: vault.mark, count: skip)
        }
        sealer.seal(
            scratch + skip, count: Format.body - skip, number: number,
            clear: skip > 0 ? UnsafePointer(scratch) : nil, clearCount: skip,
            seal: scratch + Format.body)
        return true
    }

    /// Follows the locks of the log's index, which go through the main file.
    func shmLock(_ offset: Int32, _ count: Int32, _ flags: Int32) -> Int32 {
        let code = sluice_shm_lock(file, offset, count, flags)
        guard code == SQLITE_OK, flags & SQLITE_SHM_EXCLUSIVE != 0 else { return code }
        let locks = flags & SQLITE_SHM_LOCK != 0
        // Lock 0 is for writing to the log, lock 2 for its recovery.
        // Source: https://www.sqlite.org/walformat.html, "WAL locks".
        if offset <= 2, offset + count > 2 { isRecovering = locks }
        if offset == 0 { log?.forget() }
        return code
    }
}

/// Whether all `count` bytes are zero.
@inline(__always)
func isZero(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    var sum: UInt8 = 0
    for index in 0..<count { sum |= bytes[index] }
    return sum == 0
}
