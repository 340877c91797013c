// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS
package import Kernel

/// One row of a query, valid only inside the closure that it was handed to. Columns count from 0.
///
/// Reading NULL through an accessor that does not allow it makes the query throw
/// `StoreFault.unexpectedNull` after the closure returned; the value read is then empty.
package struct Row {
    let statement: Prepared

    /// Whether the column is NULL.
    package func isNull(_ column: Int) -> Bool {
        sqlite3_column_type(statement.pointer, Int32(truncatingIfNeeded: column)) == SQLITE_NULL
    }

    @inline(__always)
    private func expect(_ column: Int) -> Int32 {
        if isNull(column) { statement.nullColumn = column }
        return Int32(truncatingIfNeeded: column)
    }

    package func int64(_ column: Int) -> Int64 {
        sqlite3_column_int64(statement.pointer, expect(column))
    }

    package func int64OrNil(_ column: Int) -> Int64? { isNull(column) ? nil : int64(column) }

    package func int(_ column: Int) -> Int { Int(int64(column)) }

    package func intOrNil(_ column: Int) -> Int? { isNull(column) ? nil : int(column) }

    /// Anything but 0 is true.
    package func bool(_ column: Int) -> Bool { int64(column) != 0 }

    package func boolOrNil(_ column: Int) -> Bool? { isNull(column) ? nil : bool(column) }

    /// A column of microseconds since 1970.
    package func instant(_ column: Int) -> Instant { Instant(microseconds: int64(column)) }

    package func instantOrNil(_ column: Int) -> Instant? { isNull(column) ? nil : instant(column) }

    package func text(_ column: Int) -> String {
        let index = expect(column)
        guard let bytes = sqlite3_column_text(statement.pointer, index) else { return "" }
        let count = Int(sqlite3_column_bytes(statement.pointer, index))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    package func textOrNil(_ column: Int) -> String? { isNull(column) ? nil : text(column) }

    package func bytes(_ column: Int) -> [UInt8] {
        let index = expect(column)
        guard let bytes = sqlite3_column_blob(statement.pointer, index) else { return [] }
        let count = Int(sqlite3_column_bytes(statement.pointer, index))
        return [UInt8](UnsafeRawBufferPointer(start: bytes, count: count))
    }

    package func bytesOrNil(_ column: Int) -> [UInt8]? { isNull(column) ? nil : bytes(column) }
}
