// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Journal
import Kernel
import ModuleKit
import SealedStore
import Secrets
package import Web

/// From where something was asked.
package struct OriginView: Codable, Sendable {
    let address: String
    let credential: String
    let route: String
}

/// A journal entry on the wire, in lists and in the live stream.
package struct EntryView: WireRecord {
    let seq: Int64
    let at: Instant
    let kind: String
    let actor: String
    /// Null for whoever may not read the names of people.
    package private(set) var actorName: String?
    let subject: String
    package private(set) var facts: JSON
    /// Null in the live stream, and of entries that have none.
    let origin: OriginView?
    /// Whether somebody was refused.
    let refused: Bool
    let hash: String

    /// - Parameter showsOrigin: where people sit is for those who read the journal.
    package init(_ entry: JournalEntry, refused: Bool, showsOrigin: Bool) throws {
        seq = entry.seq
        at = entry.at
        kind = entry.kind
        actor = entry.actor
        actorName = entry.actorName
        subject = entry.subject
        facts = try JSON(reading: Array(entry.facts.utf8))
        origin =
            showsOrigin
            ? entry.origin.map {
                OriginView(address: $0.address, credential: $0.credential, route: $0.route)
            } : nil
        self.refused = refused
        hash = Digest.hex(entry.hash)
    }

    /// The same without the names of people: of who did it, and those that its facts hold.
    ///
    /// - Parameter kind: what is known of entries like it; of one that nobody knows no fact is told.
    package func masked(_ kind: EventKind?) -> EntryView {
        var view = self
        view.actorName = nil
        view.facts = .record(
            facts.members.map { fact in
                let isName = kind.map { $0.names.contains(fact.name) } ?? true
                return isName ? JSON.Member(fact.name, .null) : fact
            })
        return view
    }
}

enum Outcome: String, Sendable, CaseIterable {
    case done, refused
}

/// An address of a client: of IPv4 or IPv6, with a scope, or `local`.
struct AddressText: WireText {
    static let rule = Schema.TextRule(least: 1, most: 64, pattern: "^[0-9A-Za-z.:%_-]{1,64}$")
    static let sample = AddressText(checked: "192.168.1.20")
    let text: String

    init(checked text: String) { self.text = text }

    init(_ text: String) throws(WireFault) {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"):
                true
            default: ".:%_-".utf8.contains(byte)
            }
        }
        guard !text.isEmpty else { throw WireFault("too_short") }
        guard text.utf8.count <= Self.rule.most else { throw WireFault("too_long") }
        guard isPlain else { throw WireFault("bad_character") }
        self.text = text
    }
}

struct JournalQuery: Codable, Sendable {
    let kind: Word?
    let actor: Word?
    let subject: Word?
    let address: AddressText?
    let outcome: Choice<Outcome>?
    let since: Instant?
    let until: Instant?
    let limit: PageLimit?
    let after: Cursor?
}

struct AnchorView: WireRecord {
    let seq: Int64
    let at: Instant
    /// To be kept outside the box.
    let line: String

    init(_ anchor: JournalAnchor) {
        seq = anchor.seq
        at = anchor.at
        line = anchor.line
    }
}

struct VerificationRequest: WireRecord {
    let anchors: [Name]
}

struct JournalCheckView: WireRecord {
    let ok: Bool
    let entries: Int64
    /// `missing`, `foreign`, `altered`, `cut`, `rewritten`, `forked`, `strange_anchor`; null when
    /// the journal holds.
    let fault: String?
    /// The first entry that is not as it should be.
    let seq: Int64?

    init(_ verdict: JournalVerdict) {
        ok = verdict.fault == nil
        entries = verdict.entries
        fault = verdict.fault?.word
        seq = verdict.fault?.seq
    }
}

private let sees = Endpoint.Need.permission(AuditPermission.see)

/// Kinds by their names.
func named(_ kinds: [EventKind]) -> [String: EventKind] {
    Dictionary(kinds.map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })
}

func journalEndpoints(_ kinds: [EventKind]) -> [Route] {
    let refusals = Set(kinds.filter(\.isRefusal).map(\.name))
    let known = named(kinds)
    return [
        .look(
            "/api/v1/journal", needs: sees, summary: "Read the journal, newest first",
            query: JournalQuery.self, answers: PageView<EntryView>.self
        ) { query, caller, tx in
            let request = PageRequest(query.limit, query.after)
            let filter = JournalFilter(
                kind: query.kind?.text, actor: query.actor?.text, subject: query.subject?.text,
                since: query.since, until: query.until, address: query.address?.text,
                isRefusal: query.outcome.map { $0.value == .refused })
            let page = try tx.journalPage(
                filter, kinds: kinds,
                before: try query.after?.integers(1)[0], limit: request.limit)
            return PageView(
                items: try page.entries.map {
                    let view = try EntryView(
                        $0, refused: refusals.contains($0.kind), showsOrigin: true)
                    return caller.sees(.personName) ? view : view.masked(known[$0.kind])
                }, next: page.next.map { Cursor([.integer($0)]) })
        },
        .look(
            "/api/v1/journal/anchors", needs: sees,
            summary: "List the lines that the journal can be compared with, newest first",
            query: NoQuery.self, answers: PageView<AnchorView>.self
        ) { _, _, tx in
            PageView(
                items: try tx.journalAnchors(limit: Limit.pageSizeDefault).map(AnchorView.init),
                next: nil)
        },
        .change(
            .post, "/api/v1/journal/anchors", needs: sees,
            summary: "Put the state of the journal into a line now", query: NoQuery.self,
            body: Empty.self, answers: AnchorView.self, status: 201,
            refusals: [AuditRefusal.self], example: Empty()
        ) { _, _, caller, tx in AnchorView(try anchor(by: caller, in: tx)) },
        .change(
            .post, "/api/v1/journal/verification", needs: sees,
            summary: "Recompute the journal, compare it with anchors, and name the first fault",
            query: NoQuery.self, body: VerificationRequest.self, answers: JournalCheckView.self,
            refusals: [AuditRefusal.self], example: VerificationRequest(anchors: []),
            repeats: .allowed,
            prepare: { _, body, _, _, store in
                let given = try anchors(in: body.anchors.prefix(WatchLimit.anchors).map(\.text))
                return try check(store, kinds, anchors: given)
            }
        ) { _, body, verdict, caller, tx in
            try tellChecked(verdict, anchors: body.anchors.count, by: caller, in: tx)
            return JournalCheckView(verdict)
        },
    ]
}
