// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS

/// One open file of a sealed store, as SQLite sees it. Subclasses say how its bytes are sealed.
///
/// Offsets and sizes come from SQLite and from the disk: every method validates them and answers
/// a result code, never a trap.
class SealedFile {
    let vault: Vault
    let file: UnsafeMutablePointer<sluice_file>

    init(_ vault: Vault, _ file: UnsafeMutablePointer<sluice_file>) {
        self.vault = vault
        self.file = file
    }

    func read(_ out: UnsafeMutablePointer<UInt8>, _ size: Int, _ offset: Int) -> Int32 {
        sluice_ioerr_read
    }

    func write(_ bytes: UnsafePointer<UInt8>, _ size: Int, _ offset: Int) -> Int32 {
        sluice_ioerr_write
    }

    /// Brings what is held back to the file below.
    func settle() -> Int32 { SQLITE_OK }

    /// Another connection may write from now on, or has written: forget what was remembered.
    func forget() {}

    func truncate(_ size: Int) -> Int32 {
        guard !vault.isFenced else { return sluice_ioerr_write }
        return sluice_truncate(file, Int64(size))
    }

    /// A failed flush is never tried again: the kernel may have dropped the data and forgotten.
    func sync(_ flags: Int32) -> Int32 {
        guard !vault.isFenced else { return sluice_ioerr_fsync }
        let code = settle()
        guard code == SQLITE_OK else { return code }
        let synced = sluice_sync(file, flags)
        if synced != SQLITE_OK { vault.fence("a flush to disk failed") }
        return synced
    }

    func damaged(
        _ kind: Damage.File, _ number: Int, _ cause: Damage.Cause = .broken
    ) -> Int32 {
        vault.report(Damage(file: kind, number: number, cause: cause))
        return sluice_ioerr_data
    }
}
