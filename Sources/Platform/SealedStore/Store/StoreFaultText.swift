// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc

extension Damage: CustomStringConvertible {
    /// Which part of which file, and what it means; never its content.
    package var description: String {
        let place =
            switch (file, number) {
            case (.main, let number): "page \(number) of store.db"
            case (.log, 0): "the header of the log store.db-wal"
            case (.log, let number): "frame \(number) of the log store.db-wal"
            }
        return switch cause {
        case .broken:
            "\(place) is not what was written there: it was changed from outside, or the disk fails"
        case .stale:
            """
            stale page: \(place) is an older version of itself. It was put back from outside, or \
            the disk lost a write that it had confirmed. Stop the daemon and put a copy back; or, \
            when there is no better state: sluicectl accept-rollback --reason "why"
            """
        }
    }
}

extension SystemFault: CustomStringConvertible {
    package var description: String { "\(call): \(String(cString: strerror(number)))" }
}

extension StoreFault: CustomStringConvertible {
    /// What went wrong and, where there is something to do, what.
    package var description: String {
        switch self {
        case .fieldUnreadable(let place):
            "the sealed field \(place) does not open: it was moved, changed or sealed by another key"
        case .notOurs: "store.db is no store of this program"
        case .wrongKey: "the key does not open this store"
        case .otherDatabase: "store.db is the store of another box: the key file is not for it"
        case .otherEpoch(let file, let key):
            """
            store.db is sealed under epoch \(file) of the key and keys/store.key is of epoch \(key): \
            one of the two is from before the key was rotated. Put the whole data folder back from \
            one and the same copy
            """
        case .newer(let what): "the store was written by a newer version: \(what). Install that one"
        case .inUse: "the store is open already, here or in another process"
        case .engine(let what): "SQLite is not as it must be: \(what)"
        case .damaged(let damage): damage.description
        case .behind(let setback): setback.description
        case .logWithoutMain: "there is a log store.db-wal and no store.db that it belongs to"
        case .logLeft:
            "commits were left in the log store.db-wal; start and stop the daemon once, then try again"
        case .fenced: "a flush to disk failed; nothing is written until the next start"
        case .full: "the disk is full"
        case .closed: "the store is closed"
        case .ended: "a transaction was used after its end"
        case .wouldDeadlock: "the writer would wait for itself"
        case .untold: "rows changed and the journal was told nothing"
        case .constraint(let kind, let name): "a rule of the schema: \(kind.rawValue) \(name)"
        case .unexpectedNull(let column, let sql): "column \(column) is NULL: \(sql)"
        case .statement(let code, let message, let sql): "SQLite \(code), \(message): \(sql)"
        case .migration(let room, let number, let rule): "step \(number) of \(room): \(rule)"
        case .system(let fault): fault.description
        }
    }
}
