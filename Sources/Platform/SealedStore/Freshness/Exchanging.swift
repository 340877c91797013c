// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc

// Stores that were made beside another one: copies, and those that take its place.
extension Freshness {
    /// Makes the ledger of a copy of the store as it is now, between two commits.
    ///
    /// - Throws: `KeyFault.noSecureMemory`, `SystemFault`.
    func makeLedger(ofCopyAt path: String) throws {
        try Freshness.makeFolder(of: path)
        try GenerationLedger(path: path, key: key).make(
            draft(.copied, at: Freshness.now(), after: ledger.last), after: ledger.sequence)
    }

    /// Makes table and ledger of a main file that was built from a backup and has no log.
    ///
    /// - Throws: `KeyFault.noSecureMemory`, `SystemFault`.
    static func make(ofRestoredAt main: String, ledger path: String, key: RootKey) throws {
        let freshness = try Freshness(main: main, ledger: path, key: key)
        try makeFolder(of: path)
        try freshness.tags.begin(
            with: try freshness.pageTags(), after: 0, certificate: CopyCertificate(),
            ledgerSequence: 0)
        let (sequence, mac, _) = freshness.tags.mark
        try freshness.ledger.make(
            LedgerRecord(kind: .copied, at: now(), tableSequence: sequence, tableMAC: mac))
    }

    // MARK: Exchanges

    /// Whether the main file is the one that its table is of, with nothing behind it in a log: that
    /// is how a store is left that is to take the place of another one.
    ///
    /// - Throws: `Setback`, `SystemFault`.
    func requireWholeAndLogless() throws {
        guard try logHead() == .absent else { throw Setback.logOfOtherGeneration }
        let found = try pageTags()
        guard found.count >= tags.pages else { throw Setback.mainShorter(page: found.count + 1) }
        for (index, tag) in found.enumerated() where index + 1 != Format.lockPage {
            guard tags.isNewest(index + 1, tag) else { throw Setback.pageOlder(index + 1) }
        }
    }

    /// Announces in the ledger of the store in `folder` that the store with the main file `main`,
    /// which is closed, is about to take its place. Only that one is believed then.
    ///
    /// - Throws: `StoreFault.behind`, `StoreFault.system`, `KeyFault.noSecureMemory`.
    static func announceExchange(
        of folder: String, for main: String, key: RootKey, actor: String, reason: String, at: Int64
    ) throws {
        do {
            let other = try Freshness(main: main, ledger: ledgerPath(of: folder), key: key)
            guard try other.tags.load() else { throw Setback.tableMissing }
            try other.requireWholeAndLogless()
            var record = LedgerRecord(
                kind: .exchanged, at: at, actor: cut(actor), reason: reason)
            (record.tableSequence, record.tableMAC, _) = other.tags.mark
            let ledger = other.ledger
            guard try load(ledger) else {
                // A ledger that nobody can go on with says nothing about the store that goes.
                try makeFolder(of: ledger.path)
                _ = try moveAside(ledger.path, at: at)
                return try ledger.make(record)
            }
            let table = try TagTable(path: "\(folder)/\(SealedStore.fileName)-tags", key: key)
            if try !table.load() || ledger.exchange(bringing: table.takeLoaded()) == nil {
                // What was announced before and did not happen is not to be believed later.
                try ledger.withdraw(at: at)
            }
            try ledger.append { last in
                record.generation = last?.generation ?? LedgerRecord.Generation()
                record.prior = last?.prior
                record.commit = last?.commit ?? 0
                return record
            }
        } catch let setback as Setback {
            throw StoreFault.behind(setback)
        } catch let fault as SystemFault {
            throw StoreFault.system(fault)
        }
    }

    /// Takes back what `announceExchange` wrote: the store in `folder` is still the one it was.
    ///
    /// - Throws: `StoreFault.system`, `KeyFault.noSecureMemory`.
    static func withdrawExchange(of folder: String, key: RootKey, at: Int64) throws {
        do {
            let ledger = try GenerationLedger(path: ledgerPath(of: folder), key: key)
            guard try load(ledger) else { return }
            try ledger.withdraw(at: at)
        } catch let fault as SystemFault {
            throw StoreFault.system(fault)
        }
    }
}

extension LedgerRecord.Kind {
    /// Whether it lets the next start believe files against what was known of them.
    var isAcceptance: Bool { self == .accepted || self == .exchanged }
}

extension GenerationLedger {
    /// The exchange that was announced last and that brings the store with this tag table. A table
    /// that was begun anew after the announcement can only come from whoever took the store up, and
    /// was stopped before it was noted.
    func exchange(bringing table: TagTable.Kept) -> LedgerRecord? {
        let before = standing?.tableSequence ?? 0
        return announced.last {
            (table.sequence == $0.tableSequence && table.mac == $0.tableMAC)
                || (table.ledgerSequence == sequence
                    && table.sequence > max(before, $0.tableSequence))
        }
    }

    /// Takes back what was announced, if anything was.
    func withdraw(at: Int64) throws(SystemFault) {
        guard !announced.isEmpty, var record = standing else { return }
        record.kind = .withdrawn
        record.at = at
        let withdrawn = record
        try append { _ in withdrawn }
    }
}
