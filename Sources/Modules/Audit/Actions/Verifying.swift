// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import SealedStore

/// Kinds that tell that older books were brought back.
private func returns(_ kinds: [EventKind]) -> [EventKind] {
    kinds.filter { ["backup.restored", "store.rollback_accepted"].contains($0.name) }
}

/// Walks over the whole journal, in one snapshot and with no lock, and compares it with anchors.
func check(
    _ store: SealedStore, _ kinds: [EventKind], anchors: [JournalAnchor] = []
) throws -> JournalVerdict {
    try store.read { try $0.verifyJournal(anchors: anchors, forks: returns(kinds)) }
}

/// Tells that somebody checked the journal, and lets a fault be known.
func tellChecked(
    _ verdict: JournalVerdict, anchors: Int, by caller: Caller, in tx: WriteTransaction
) throws {
    try tx.tell(
        AuditEvent.verified, about: "journal",
        [
            "entries": .integer(verdict.entries), "anchors": .integer(Int64(anchors)),
            "fault": verdict.fault.map { .text($0.word) } ?? .none,
            "seq": verdict.fault.map { .integer($0.seq) } ?? .none,
        ], by: caller)
}

/// The nightly check. A fault is a finding, and the job fails.
func checkNightly(_ store: SealedStore, _ kinds: [EventKind], by caller: Caller) throws -> String {
    let verdict = try check(store, kinds)
    guard let fault = verdict.fault else { return "\(verdict.entries) entries" }
    try store.write { tx in
        // The same fault is found each night; it is told again only when it is another one.
        let crossing = Crossing(
            rule: .journalBroken, key: "\(fault.word) \(fault.seq)", firstSeq: fault.seq,
            lastSeq: max(fault.seq, verdict.entries), at: tx.now)
        try raise(crossing, by: caller, in: tx)
    }
    throw AuditRefusal.journalBroken(seq: fault.seq, fault: fault.word)
}

/// Anchors given as lines.
func anchors(in lines: [String]) throws(AuditRefusal) -> [JournalAnchor] {
    var anchors: [JournalAnchor] = []
    for line in lines {
        guard let anchor = JournalAnchor(line: line) else { throw .anchorMalformed }
        anchors.append(anchor)
    }
    return anchors
}

/// Puts the state of the journal into a line and tells it; the anchor that is there already when
/// nothing was told since.
func anchor(by caller: Caller, in tx: WriteTransaction) throws -> JournalAnchor {
    if let last = try tx.journalAnchors(limit: 1).first {
        let since = try tx.journal(after: last.seq, limit: 2)
        if since.isEmpty || (since.count == 1 && since[0].kind == AuditEvent.anchored.name) {
            return last
        }
    }
    guard let anchor = try tx.anchorJournal() else { throw AuditRefusal.nothingToAnchor }
    try tx.tell(
        AuditEvent.anchored, about: "journal",
        ["line": .text(anchor.line), "seq": .integer(anchor.seq)], by: caller)
    return anchor
}
