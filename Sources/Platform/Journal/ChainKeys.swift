// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
package import SealedStore

/// A stretch of the chain and the key that its hashes are made with.
///
/// Keys are random, sealed by a key of the root, and stay when the root key is changed: entries of
/// before must be checked afterwards. With each new root key a new one begins.
struct ChainSection: Sendable {
    let first: Int64
    let key: ChainKey

    static func place(_ number: Int64, _ first: Int64) -> String {
        "journal_key.sealed.\(number).\(first)"
    }
}

/// Where seeds of signing keys are sealed for.
private func signingPlace(_ number: Int64) -> String { "journal_key.sign.\(number)" }

/// The section that the next entry belongs to.
private let newestSection = Memo<Int, ChainSection>(of: "journal_key")

extension ReadTransaction {
    /// All sections, oldest first. Entries before the first have hashes without a key.
    func chainSections() throws -> [ChainSection] {
        try all(
            """
            SELECT number, first_seq, sealed FROM journal_key WHERE purpose = 'chain'
            ORDER BY number
            """
        ) { row in
            try ChainSection(
                first: row.int64(1),
                key: fields.chainKey(
                    row.bytes(2), for: ChainSection.place(row.int64(0), row.int64(1))))
        }
    }

    /// The key that signs what leaves the journal; nil before something did.
    package func journalSigningKey() throws -> SigningKey? {
        try first(
            """
            SELECT number, sealed FROM journal_key WHERE purpose = 'sign'
            ORDER BY number DESC LIMIT 1
            """
        ) { try fields.signingKey($0.bytes(1), for: signingPlace($0.int64(0))) }
    }
}

extension WriteTransaction {
    /// The key for the entry `seq`, which is the next one; made with the first that needs one.
    func chainKey(for seq: Int64) throws -> ChainKey {
        try remembered(
            newestSection, 0,
            always: {
                if let known = try chainSections().last { return known }
                return try beginSection(at: seq)
            }
        ).key
    }

    private func beginSection(at seq: Int64) throws -> ChainSection {
        let number = try nextKeyNumber()
        let place = ChainSection.place(number, seq)
        let sealed = fields.newKey(for: place)
        try keep(sealed, number, "chain", first: seq)
        return ChainSection(first: seq, key: try fields.chainKey(sealed, for: place))
    }

    /// The key that signs what leaves the journal, made when it is first needed.
    package func makeJournalSigningKey() throws -> SigningKey {
        if let known = try journalSigningKey() { return known }
        let number = try nextKeyNumber()
        let sealed = fields.newKey(for: signingPlace(number))
        try keep(sealed, number, "sign", first: 1)
        return try fields.signingKey(sealed, for: signingPlace(number))
    }

    private func nextKeyNumber() throws -> Int64 {
        (try integer("SELECT max(number) FROM journal_key") ?? 0) + 1
    }

    private func keep(
        _ sealed: [UInt8], _ number: Int64, _ purpose: String, first: Int64
    ) throws {
        try runUntold(
            "INSERT INTO journal_key (number, purpose, first_seq, sealed) VALUES (?, ?, ?, ?)",
            [number, purpose, first, sealed])
    }

    /// Seals the journal's keys anew after the root key was changed, and begins a new section: who
    /// had the root key of before makes no entry that fits from here on. Returns how many there were.
    @discardableResult
    package func resealJournalKeys(from old: FieldSealer) throws -> Int {
        let keys = try all("SELECT number, purpose, first_seq, sealed FROM journal_key") {
            ($0.int64(0), $0.text(1), $0.int64(2), $0.bytes(3))
        }
        for (number, purpose, first, sealed) in keys {
            let place =
                purpose == "chain"
                ? ChainSection.place(number, first) : signingPlace(number)
            try runUntold(
                "UPDATE journal_key SET sealed = ? WHERE number = ?",
                [try fields.reseal(sealed, from: old, for: place), number])
        }
        _ = try beginSection(at: try journalHead() + 1)
        return keys.count
    }
}
