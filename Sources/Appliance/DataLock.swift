// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc
import SealedStore
import Synchronization

/// The data folder, ours alone for as long as this object lives: a daemon has it while it runs, and
/// whoever exchanges the store in it. Taken before anything in the folder is looked at, because what
/// is in it may not be there yet, or be another thing a moment later.
final class DataLock: Sendable {
    private let file: Mutex<Int32>

    /// - Parameter folder: the data folder, which must be there.
    /// - Throws: `StoreFault.inUse`, `KeyFault.system`.
    init(_ folder: String) throws {
        let file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw KeyFault.system("open \(folder)", errno) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            close(file)
            throw StoreFault.inUse
        }
        self.file = Mutex(file)
    }

    deinit { release() }

    func release() {
        file.withLock { file in
            if file >= 0 { close(file) }
            file = -1
        }
    }
}

/// All that a restore holds of a data folder: nobody else serves from it, rotates its key or has its
/// store open. What root made in it belongs to the daemon at the end.
final class RestoreHold {
    let swap: StoreSwap
    private let folder: DataLock
    private let keys: KeyLock?
    private var store: StoreClaim?

    /// - Throws: `StoreFault.inUse`, `RotationFault`, `KeyFault`.
    init(_ data: String) throws {
        folder = try DataLock(data)
        swap = StoreSwap(data: data)
        let ring = KeyRing(data: data)
        // The folder of the keys is made with the keys and not before.
        keys = access(ring.folder, F_OK) == 0 ? try ring.hold() : nil
    }

    /// Takes the store, if there is one, too.
    ///
    /// - Throws: `StoreFault.inUse`.
    func claim() throws { store = try swap.claim() }

    func release() {
        swap.giveToOwner()
        store?.release()
        keys?.release()
        folder.release()
    }
}
