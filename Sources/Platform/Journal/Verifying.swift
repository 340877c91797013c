// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
package import SealedStore

/// What is wrong with a journal.
package enum JournalFault: Sendable, Equatable {
    /// An entry is not there, and later ones are.
    case missing(Int64)
    /// An entry stands where none can be.
    case foreign(Int64)
    /// An entry is not what was told: it was changed, moved, put in, or the one before was.
    case altered(Int64)
    /// Entries after this one are gone: something outside the chain knows of them.
    case cut(after: Int64, known: Int64)
    /// The entry is not the one that an anchor names: all up to it may have been written anew.
    case rewritten(Int64)
    /// The anchor is of books that were left when older ones were brought back: they go together
    /// up to this entry.
    case forked(after: Int64)
    /// The line was not made by these books, or was mistyped.
    case strangeAnchor(Int64)

    /// The first entry that is not as it should be.
    package var seq: Int64 {
        switch self {
        case .missing(let seq), .foreign(let seq), .altered(let seq), .rewritten(let seq),
            .strangeAnchor(let seq):
            seq
        case .cut(let seq, _), .forked(let seq): seq + 1
        }
    }

    /// A word for it.
    package var word: String {
        switch self {
        case .missing: "missing"
        case .foreign: "foreign"
        case .altered: "altered"
        case .cut: "cut"
        case .rewritten: "rewritten"
        case .forked: "forked"
        case .strangeAnchor: "strange_anchor"
        }
    }
}

/// What a walk over the chain found.
package struct JournalVerdict: Sendable, Equatable {
    /// Entries walked over.
    package let entries: Int64
    /// The first fault; nil when the chain holds.
    package let fault: JournalFault?

    package init(entries: Int64, fault: JournalFault? = nil) {
        self.entries = entries
        self.fault = fault
    }

    /// The first entry that does not follow from the one before; nil when the chain holds.
    package var broken: Int64? { fault?.seq }
}

extension ReadTransaction {
    /// Recomputes the whole chain and names the first entry that does not fit; then looks whether
    /// the end is there, by the anchors, those kept here and those given, and by the readers.
    ///
    /// - Parameters:
    ///   - anchors: lines that were kept elsewhere.
    ///   - forks: entries that tell that older books were brought back.
    package func verifyJournal(
        anchors: [JournalAnchor] = [], forks: [EventKind] = []
    ) throws -> JournalVerdict {
        let chain = try verifyChain()
        if chain.fault != nil { return chain }
        let sections = try chainSections()
        for anchor in anchors + (try journalAnchors(limit: Self.anchorsMost)) {
            guard let fault = try fault(of: anchor, sections, head: chain.entries) else {
                continue
            }
            let fork = try fork(before: anchor, forks)
            return JournalVerdict(entries: chain.entries, fault: fork ?? fault)
        }
        let read = try integer("SELECT max(seq) FROM journal_cursor") ?? 0
        if read > chain.entries {
            return JournalVerdict(
                entries: chain.entries, fault: .cut(after: chain.entries, known: read))
        }
        return chain
    }

    /// What an anchor says of the journal, without walking over all of it; nil when it leads through
    /// there.
    package func journalFault(
        of anchor: JournalAnchor, forks: [EventKind]
    ) throws -> JournalFault? {
        let sections = try chainSections()
        guard let fault = try fault(of: anchor, sections, head: try journalHead()) else {
            return nil
        }
        return try fork(before: anchor, forks) ?? fault
    }

    /// Anchors that are kept here and compared: ten years of days.
    private static let anchorsMost = 3660

    private func verifyChain() throws -> JournalVerdict {
        let sections = try chainSections()
        var walk = ChainWalk(sections)
        try each("SELECT \(entryColumns) FROM \(entryTables) ORDER BY seq", []) { row in
            walk.take(JournalEntry(row: row))
        }
        return JournalVerdict(entries: walk.expected - 1, fault: walk.fault)
    }

    private func fault(
        of anchor: JournalAnchor, _ sections: [ChainSection], head: Int64
    ) throws -> JournalFault? {
        guard isOurs(anchor, sections) else { return .strangeAnchor(anchor.seq) }
        guard anchor.seq <= head else { return .cut(after: head, known: anchor.seq) }
        let mark = try journalMark(at: anchor.seq)
        return mark?.hash == anchor.hash ? nil : .rewritten(anchor.seq)
    }

    /// The return to older books after which the anchor's entry is another one.
    private func fork(before anchor: JournalAnchor, _ kinds: [EventKind]) throws -> JournalFault? {
        guard isOurs(anchor, try chainSections()) else { return nil }
        let returns = try journal(after: 0, kinds: kinds, limit: Self.anchorsMost)
        return returns.first { $0.seq <= anchor.seq && $0.at >= anchor.at }
            .map { .forked(after: $0.seq - 1) }
    }
}

/// One walk over the chain, entry by entry.
private struct ChainWalk {
    private var sections: ArraySlice<ChainSection>
    private var key: ChainKey?
    private var previous = Chain.start
    private(set) var expected: Int64 = 1
    private(set) var fault: JournalFault?

    init(_ sections: [ChainSection]) { self.sections = sections[...] }

    mutating func take(_ entry: JournalEntry) {
        guard fault == nil else { return }
        guard entry.seq >= expected else { return fault = .foreign(entry.seq) }
        guard entry.seq == expected else { return fault = .missing(expected) }
        while let next = sections.first, next.first <= entry.seq {
            key = next.key
            sections = sections.dropFirst()
        }
        let hash = Chain.link(
            after: previous, seq: entry.seq, at: entry.at, kind: entry.kind, actor: entry.actor,
            actorName: entry.actorName, subject: entry.subject, facts: Array(entry.facts.utf8),
            origin: key == nil ? nil : entry.origin, key: key)
        guard hash == entry.hash else { return fault = .altered(entry.seq) }
        previous = hash
        expected += 1
    }
}
