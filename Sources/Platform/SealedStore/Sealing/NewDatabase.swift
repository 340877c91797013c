// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS
import Glibc

/// Makes the main file of a new store: one sealed page that SQLite takes for an empty database in
/// WAL mode. The file appears whole or not at all, so SQLite never needs a rollback journal.
///
/// Source of the layout: https://www.sqlite.org/fileformat2.html, 1.3 and 1.6.
enum NewDatabase {
    static func create(at path: String, vault: Vault) throws(StoreFault) {
        var page = emptyPage()
        var sealer = Sealer(vault, kind: .page)
        let mark = vault.mark
        page.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            base.update(from: mark, count: Format.mark)
            sealer.seal(
                base + Format.mark, count: Format.body - Format.mark, number: 1,
                clear: UnsafePointer(base), clearCount: Format.mark, seal: base + Format.body)
        }
        do {
            let tag = page.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.map { PageTag($0 + Format.tagOffset) }
            }
            if let tag { try vault.freshness?.make(firstPage: tag) }
            try Disk.replace(path, with: page)
        } catch {
            throw .system(error)
        }
    }

    private static func emptyPage() -> [UInt8] {
        var page = [UInt8](repeating: 0, count: Format.page)
        page[16] = UInt8(Format.page >> 8)  // page size
        page[18] = 2  // write-ahead log, for writing and for reading
        page[19] = 2
        page[20] = UInt8(Format.reserved)
        page[21] = 64  // payload fractions, constants
        page[22] = 32
        page[23] = 32
        page[27] = 1  // change counter
        page[31] = 1  // pages
        page[47] = 4  // schema format
        page[59] = 1  // UTF-8
        page[95] = 1  // valid for change counter 1
        let version = UInt32(bitPattern: sqlite3_libversion_number())
        for index in 0..<4 {
            page[96 + index] = UInt8(truncatingIfNeeded: version >> (24 - 8 * index))
        }
        page[100] = 13  // the schema table: an empty leaf
        page[105] = UInt8(Format.body >> 8)
        page[106] = UInt8(Format.body & 0xFF)
        return page
    }
}
