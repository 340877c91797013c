// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS
import Synchronization

@testable import SealedStore

/// Stands between SQLite and the sealing layer and looks at every call that may flush: when a flush
/// failed in it, the store must be fenced before the call returns. That is an order of events, so no
/// load of the machine can make it look broken, and no haste can make it look whole.
enum Overseer {
    /// Written once before SQLite starts, read-only afterwards.
    nonisolated(unsafe) private static var sealing = sqlite3_io_methods()
    private static let late = Mutex<String?>(nil)
    private static let looked = Atomic<Int>(0)

    /// Must come before the first store is opened.
    static func install() {
        let table = FileMethods.table
        sealing = table.pointee
        table.pointee.xSync = { file, flags in
            Overseer.look(at: file) { Overseer.sealing.xSync(file, flags) }
        }
        table.pointee.xWrite = { file, bytes, size, offset in
            Overseer.look(at: file) { Overseer.sealing.xWrite(file, bytes, size, offset) }
        }
        table.pointee.xTruncate = { file, size in
            Overseer.look(at: file) { Overseer.sealing.xTruncate(file, size) }
        }
    }

    private static func look(
        at file: UnsafeMutablePointer<sqlite3_file>?, _ call: () -> Int32
    ) -> Int32 {
        let failed = TestDisk.ownFailedFlush != nil
        let code = call()
        guard !failed, let flush = TestDisk.ownFailedFlush else { return code }
        looked.wrappingAdd(1, ordering: .relaxed)
        let state = UnsafeMutableRawPointer(file)?.assumingMemoryBound(to: sluice_file.self)
            .pointee.state
        let vault = state.map { Unmanaged<SealedFile>.fromOpaque($0).takeUnretainedValue().vault }
        if vault?.isFenced != true {
            late.withLock { $0 = "returned unfenced from a failed flush of \(flush.path)" }
        }
        if code == SQLITE_OK {
            late.withLock { $0 = "took a failed flush of \(flush.path) for a good one" }
        }
        return code
    }

    /// What was out of order since the last call, if anything.
    static func takeFinding() -> String? {
        late.withLock { found in
            defer { found = nil }
            return found
        }
    }

    /// Calls so far in which a flush failed.
    static var calls: Int { looked.load(ordering: .relaxed) }
}
