// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS
import Synchronization

@testable import SealedStore

/// SQLite's memory in this process, some of which is not given.
enum TestMemory {
    /// Written once before SQLite starts, read-only afterwards.
    nonisolated(unsafe) private static var below = sqlite3_mem_methods()
    private static let count = Atomic<Int>(0)
    private static let failed = Atomic<Int>(0)
    /// The first allocation that fails; 0 for none.
    private static let first = Atomic<Int>(0)
    /// The last one.
    private static let last = Atomic<Int>(0)

    /// Must come before SQLite starts.
    static func install() {
        guard sluice_memory_methods(&below) == SQLITE_OK else { return }
        var methods = below
        methods.xMalloc = { TestMemory.isRefused ? nil : TestMemory.below.xMalloc?($0) }
        methods.xRealloc = { TestMemory.isRefused ? nil : TestMemory.below.xRealloc?($0, $1) }
        _ = sluice_use_memory_methods(&methods)
    }

    private static let isHeld = Atomic<Bool>(false)

    /// Lets no allocation fail while `body` runs. GRDB ends the program when there is no memory to
    /// open a connection; that happens at the start of the daemon only.
    static func sparing<T>(_ body: () throws -> T) rethrows -> T {
        isHeld.store(true, ordering: .relaxed)
        defer { isHeld.store(false, ordering: .relaxed) }
        return try body()
    }

    private static var isRefused: Bool {
        guard !isHeld.load(ordering: .relaxed) else { return false }
        let from = first.load(ordering: .relaxed)
        guard from > 0 else { return false }
        let number = count.wrappingAdd(1, ordering: .relaxed).newValue
        guard number >= from, number <= last.load(ordering: .relaxed) else { return false }
        failed.wrappingAdd(1, ordering: .relaxed)
        return true
    }

    static func set(at: Int, lasts: Bool) {
        count.store(0, ordering: .relaxed)
        failed.store(0, ordering: .relaxed)
        last.store(lasts ? .max : at, ordering: .relaxed)
        first.store(at, ordering: .relaxed)
    }

    /// All is given again. Returns how many allocations there were and how many failed.
    static func mend() -> (points: Int, failed: Int) {
        first.store(0, ordering: .relaxed)
        return (count.load(ordering: .relaxed), failed.load(ordering: .relaxed))
    }
}
