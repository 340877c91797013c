// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc
import SealedStore
import Synchronization

/// Keeps a rotation of the key apart from everything else that works with the keys of a data folder:
/// many may hold it at once, or a rotation alone. It ends with the object, and with the process.
final class KeyLock: Sendable {
    private let file: Mutex<Int32>

    /// - Parameters:
    ///   - folder: the folder of the keys, which must be there.
    ///   - isAlone: whether nobody else may hold it, too.
    /// - Throws: `RotationFault.inUse` (alone), `RotationFault.underWay`, `KeyFault.system`.
    init(_ folder: String, alone isAlone: Bool) throws {
        let file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw KeyFault.system("open \(folder)", errno) }
        guard flock(file, (isAlone ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0 else {
            close(file)
            throw isAlone ? RotationFault.inUse : RotationFault.underWay
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
