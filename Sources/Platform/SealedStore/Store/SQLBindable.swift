// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS
package import Kernel

/// A value that a statement takes as an argument.
package protocol SQLBindable: Sendable {
    /// Hands the value to SQLite, which copies what it needs. Returns SQLite's result code.
    func bind(to slot: ArgumentSlot) -> Int32
}

/// The place of one argument in a statement.
package struct ArgumentSlot {
    let statement: OpaquePointer
    let index: Int32
}

extension Int64: SQLBindable {
    package func bind(to slot: ArgumentSlot) -> Int32 {
        sqlite3_bind_int64(slot.statement, slot.index, self)
    }
}

extension Int: SQLBindable {
    package func bind(to slot: ArgumentSlot) -> Int32 {
        sqlite3_bind_int64(slot.statement, slot.index, Int64(self))
    }
}

/// Kept as 0 or 1.
extension Bool: SQLBindable {
    package func bind(to slot: ArgumentSlot) -> Int32 {
        sqlite3_bind_int64(slot.statement, slot.index, self ? 1 : 0)
    }
}

extension String: SQLBindable {
    package func bind(to slot: ArgumentSlot) -> Int32 {
        var text = self
        return text.withUTF8 { bytes in
            guard bytes.count <= Int(Int32.max) else { return SQLITE_TOOBIG }
            guard let base = bytes.baseAddress else {
                return sluice_bind_text(slot.statement, slot.index, "", 0)
            }
            return base.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                sluice_bind_text(slot.statement, slot.index, $0, Int32(bytes.count))
            }
        }
    }
}

extension [UInt8]: SQLBindable {
    package func bind(to slot: ArgumentSlot) -> Int32 { self[...].bind(to: slot) }
}

extension ArraySlice<UInt8>: SQLBindable {
    package func bind(to slot: ArgumentSlot) -> Int32 {
        withUnsafeBytes { bytes in
            guard bytes.count <= Int(Int32.max) else { return SQLITE_TOOBIG }
            return sluice_bind_blob(
                slot.statement, slot.index, bytes.baseAddress, Int32(bytes.count))
        }
    }
}

/// Kept as microseconds since 1970.
extension Instant: SQLBindable {
    package func bind(to slot: ArgumentSlot) -> Int32 { microseconds.bind(to: slot) }
}

extension Optional: SQLBindable where Wrapped: SQLBindable {
    package func bind(to slot: ArgumentSlot) -> Int32 {
        self?.bind(to: slot) ?? sqlite3_bind_null(slot.statement, slot.index)
    }
}
