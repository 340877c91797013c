// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// How the files of a store were found to be older than what was known of them, or not to belong
/// together. The store is not opened until somebody accepts the state with a reason.
package enum Setback: Error, Sendable, Equatable {
    /// There is a store and no generation ledger beside it.
    case ledgerMissing
    /// A record of the ledger, counted from 1, was changed from outside.
    case ledgerDamaged(record: Int)
    /// The tag table or the log knows more than the ledger: an older ledger was put back.
    case ledgerOlder
    /// The ledger knows a store, and its main file is gone.
    case storeMissing
    /// There is no tag table, or it does not open.
    case tableMissing
    /// The tag table is older than the ledger says.
    case tableOlder
    /// A page of the main file is older than the tag table says; its number.
    case pageOlder(Int)
    /// The main file ends before this page.
    case mainShorter(page: Int)
    /// The log with commits that were not copied back is gone; the frames it had at least.
    case logMissing(frames: UInt64)
    /// The log is not of the generation that was begun last.
    case logOfOtherGeneration
    /// The log holds fewer frames than were flushed to disk.
    case logShorter(expected: UInt64, found: UInt64)
}

extension Setback: CustomStringConvertible {
    /// What is wrong and what to do, for the person who looks after the box.
    package var description: String {
        if self == .storeMissing {
            return """
                the store is gone: its generation ledger is here, and \(finding). Put the whole \
                data folder back from a copy. To begin anew with empty books, move the whole \
                folder away.
                """
        }
        return """
            the store is not in the state in which it was left: \(finding). Nothing was changed. \
            Either a disk or a copy went wrong, or somebody put an older state in place. If you \
            have just put back a copy on purpose, or can find no better state, accept this one: \
            sluicectl accept-rollback --reason "why"
            """
    }

    private var finding: String {
        switch self {
        case .ledgerMissing: "the ledger of its generations is missing"
        case .ledgerDamaged(let record): "record \(record) of its generation ledger was changed"
        case .ledgerOlder: "its generation ledger is older than the store"
        case .storeMissing: "the main file store.db is missing"
        case .tableMissing: "the tag table store.db-tags is missing or damaged"
        case .tableOlder: "the tag table store.db-tags is older than the ledger says"
        case .pageOlder(let page): "page \(page) of store.db is older than it should be"
        case .mainShorter(let page): "store.db ends before page \(page)"
        case .logMissing(let frames):
            "the log store.db-wal with \(frames) frames that were not copied back is gone"
        case .logOfOtherGeneration: "the log store.db-wal is an earlier one"
        case .logShorter(let expected, let found):
            "the log store.db-wal holds \(found) frames of the \(expected) that were written"
        }
    }
}
