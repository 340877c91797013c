// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc
import Synchronization

/// The folder of a store, ours alone for as long as this object lives.
final class FolderLock: Sendable {
    /// Full path without links.
    let folder: String
    private let file: Int32
    private let state = Mutex((closing: false, released: false))

    /// Makes the folder when it is missing.
    ///
    /// - Throws: `StoreFault.inUse`, `StoreFault.system`.
    init(_ path: String) throws(StoreFault) {
        if !DiskWatch.may(.makeFolder(path)) || mkdir(path, 0o700) != 0, errno != EEXIST {
            throw .system(SystemFault("mkdir \(path)"))
        }
        guard let folder = Disk.resolved(path) else { throw .system(SystemFault("open \(path)")) }
        let file = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw .system(SystemFault("open \(folder)")) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            Glibc.close(file)
            throw .inUse
        }
        self.folder = folder
        self.file = file
    }

    deinit { release() }

    /// True the first time.
    func beginClosing() -> Bool {
        state.withLock { state in
            let isFirst = !state.closing
            state.closing = true
            return isFirst
        }
    }

    func release() {
        state.withLock {
            if !$0.released { Glibc.close(file) }
            $0.released = true
        }
    }
}
