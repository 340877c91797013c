// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc
import Synchronization

/// One step on the disk, as the power may fail before or after it.
enum DiskStep: Sendable {
    case makeFolder(String)
    case create(String)
    case read(String)
    case write(String, offset: Int, bytes: [UInt8])
    case truncate(String, size: Int)
    case flush(String)
    case rename(String, to: String)
    /// Two files or folders take each other's place; there is no state between.
    case exchange(String, String)
    case remove(String)
    /// Flushes the names in the folder that holds this path.
    case flushFolder(of: String)
}

/// The seam at which tests see every step on our own files before it is taken, and may have it fail.
/// The daemon sets nothing here. Steps of SQLite's files go through its file layer instead.
enum DiskWatch {
    /// In a value of its own: a closure that is itself the content of a `Mutex` is wrapped anew by
    /// each `withLock`.
    private struct Watcher {
        var sees: (@Sendable (DiskStep) -> Int32)?
    }

    private static let watcher = Mutex(Watcher())

    /// Sets who sees each step and answers 0, or the error number with which the step fails.
    static func watch(_ sees: (@Sendable (DiskStep) -> Int32)?) {
        watcher.withLock { $0.sees = sees }
    }

    /// Whether the step may be taken; when not, the error number is set as the system would.
    static func may(_ step: @autoclosure () -> DiskStep) -> Bool {
        guard let watch = watcher.withLock({ $0.sees }) else { return true }
        let number = watch(step())
        guard number != 0 else { return true }
        errno = number
        return false
    }
}
