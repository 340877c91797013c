// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS
import Foundation
import GRDB
package import Kernel

/// What can go wrong in the store through no decision of the business.
package enum StoreFault: Error, Sendable, Equatable {
    /// The main file is not of this program.
    case notOurs
    /// The file belongs to this program and this database, and the key does not open it.
    case wrongKey
    /// The file is ours and belongs to another database than the key.
    case otherDatabase
    /// The file is sealed under another epoch of the key: one of the two is from before a rotation.
    case otherEpoch(file: Int, key: Int)
    /// Written by a newer program than this one; what exactly is newer.
    case newer(String)
    /// Another process, or this one, has the store open.
    case inUse
    /// SQLite is not as we need it.
    case engine(String)
    /// A page or a frame of the log does not open: changed from outside, or a failing disk.
    case damaged(Damage)
    /// The files are older than what is known of the store, or do not belong together.
    case behind(Setback)
    /// There is a log and no main file that it belongs to.
    case logWithoutMain
    /// Commits lie in the log that were not copied back into the main file.
    case logLeft
    /// A flush to disk failed earlier. Nothing is written any more until the next start.
    case fenced
    /// The disk is full.
    case full
    /// The store is closed.
    case closed
    /// A transaction or row was used after its block ended.
    case ended
    /// The writer's own thread waited for the writer.
    case wouldDeadlock
    /// Rows changed and nothing was told to the journal.
    case untold
    /// A rule of the schema: which kind, and the name or columns that SQLite gives.
    case constraint(ConstraintKind, String)
    /// A column that may be NULL was read as if it may not; its index and the statement.
    case unexpectedNull(column: Int, sql: String)
    /// A statement that SQLite refused: result code, its words, and the SQL without arguments.
    case statement(code: Int32, message: String, sql: String)
    /// A migration that breaks a rule: room, number, and the rule.
    case migration(room: String, number: Int, String)
    /// A field that is sealed a second time does not open: table, column and row.
    case fieldUnreadable(place: String)
    /// The system refused.
    case system(SystemFault)
}

/// Which rule of the schema a statement broke.
package enum ConstraintKind: String, Sendable {
    case check, foreignKey, notNull, primaryKey, trigger, unique, dataType, other
}

/// Why the store does not take a piece of work now.
package enum StoreRefusal: Refusal, Equatable {
    /// As much work waits as may wait.
    case busy
    /// The disk is full. What was acknowledged stays; work goes on as soon as there is room.
    case full

    package static let catalogue = [
        RefusalCode("store.busy", .busy), RefusalCode("store.full", .busy),
    ]
    package var code: String {
        switch self {
        case .busy: "store.busy"
        case .full: "store.full"
        }
    }
}

extension StoreFault {
    /// What an SQLite result means, by its extended code and SQLite's own words.
    static func of(code: Int32, message: String, sql: String, vault: Vault) -> StoreFault {
        if code == sluice_ioerr_data, let damage = vault.lastDamage { return .damaged(damage) }
        if vault.isFenced { return .fenced }
        switch code & 0xFF {
        case SQLITE_CONSTRAINT: return constraint(of: code, message)
        case SQLITE_FULL: return .full
        case SQLITE_BUSY, SQLITE_LOCKED: return .inUse
        default: return .statement(code: code, message: message, sql: sql)
        }
    }

    /// The same for an error of GRDB, which only ever stands for an SQLite result.
    static func of(_ error: any Error, vault: Vault) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        return of(
            code: error.extendedResultCode.rawValue, message: error.message ?? "",
            sql: error.sql ?? "", vault: vault)
    }

    private static func constraint(of code: Int32, _ message: String) -> StoreFault {
        let kind: ConstraintKind =
            switch code {
            case sluice_constraint_check: .check
            case sluice_constraint_foreign_key: .foreignKey
            case sluice_constraint_not_null: .notNull
            case sluice_constraint_primary_key, sluice_constraint_rowid: .primaryKey
            case sluice_constraint_trigger: .trigger
            case sluice_constraint_unique: .unique
            case sluice_constraint_data_type: .dataType
            default: .other
            }
        // SQLite says "UNIQUE constraint failed: table.column", a trigger its own words.
        guard let range = message.range(of: " constraint failed") else {
            return .constraint(kind, message)
        }
        let name = message[range.upperBound...].drop { $0 == ":" || $0 == " " }
        return .constraint(kind, String(name))
    }
}
