// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Access
import Foundation
import Glibc
import SealedStore

/// The books that a new box made at its first start, before anybody set it up. A restore on that box
/// moves them away, whole, instead of sending its person to look for another folder.
struct UnusedBooks {
    let data: String
    /// Where they lie afterwards.
    var path: String { "\(data)/never-set-up" }
    /// What goes, in this order: without keys the daemon takes up nothing of the rest.
    private static let parts = ["keys", "store", "ledger"]

    private func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Whether the books that are here have no administrator: nobody can have worked with them.
    ///
    /// - Throws: `KeyFault`, `StoreFault`.
    func areHere(_ ring: KeyRing) throws -> Bool {
        guard isThere("\(data)/store/store.db") else { return false }
        let store = try SealedStore.open(
            folder: "\(data)/store", key: try ring.openExisting(),
            schemas: allSchemas(allModules().modules), clock: systemClock, readers: 1)
        defer { store.close() }
        return try store.write { try renewSetupCode(in: $0) } != nil
    }

    /// Moves them away.
    ///
    /// - Throws: `KeyFault.system`.
    func setAside() throws {
        try told { () throws(SystemFault) in
            // Of an earlier box without a person; nobody missed it.
            try Disk.removeAll(path)
            try Disk.makeFolder(path)
        }
        try move()
    }

    /// Carries on when a crash came between the keys and the rest.
    ///
    /// - Throws: `KeyFault.system`.
    func finish() throws {
        guard isThere("\(path)/keys"), !isThere("\(data)/keys") else { return }
        try move()
    }

    private func move() throws {
        try told { () throws(SystemFault) in
            for part in Self.parts where isThere("\(data)/\(part)") && !isThere("\(path)/\(part)") {
                try Disk.rename("\(data)/\(part)", to: "\(path)/\(part)")
                try Disk.flushWhole(path)
                try Disk.flushWhole(data)
            }
        }
    }

    private func told(_ body: () throws(SystemFault) -> Void) throws(KeyFault) {
        do {
            try body()
        } catch {
            throw .system(error.call, error.number)
        }
    }
}
