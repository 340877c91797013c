// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import ModuleKit
import SealedStore
import Secrets
import Web

struct ExportRequest: WireRecord {
    let kind: Word?
    let actor: Word?
    let subject: Word?
    let address: AddressText?
    let since: Instant?
    let until: Instant?
}

/// A part of the journal and what proves where it comes from, as two files.
struct ExportView: WireRecord {
    let fileName: String
    let rows: Int64
    /// JSON Lines: a heading, then an entry a line.
    let content: String
    /// The file that goes beside it: digest, public key, signature.
    let signature: String
}

/// The first line of an export.
private struct ExportHeading: Codable, Sendable {
    let format: String
    let site: String
    let exportedAt: Instant
    let exportedBy: String
    let since: Instant?
    let until: Instant?
    let kind: String?
    let actor: String?
    let subject: String?
    let address: String?
    let rows: Int64
}

private struct ExportDraft: Sendable {
    let bytes: [UInt8]
    let digest: [UInt8]
    let rows: Int
    let filter: JournalFilter
    let day: String
}

func exportEndpoints(_ kinds: [EventKind]) -> [Route] {
    let refusals = Set(kinds.filter(\.isRefusal).map(\.name))
    return [
        .change(
            .post, "/api/v1/journal/exports", needs: .permission(AuditPermission.export),
            summary: "Take a part of the journal out of the box, signed", query: NoQuery.self,
            body: ExportRequest.self, answers: ExportView.self, refusals: [AuditRefusal.self],
            example: ExportRequest(
                kind: nil, actor: nil, subject: nil, address: nil, since: nil, until: nil),
            repeats: .allowed,
            prepare: { _, body, caller, _, store in
                try store.read { try draft(body, caller, kinds, refusals, in: $0) }
            }
        ) { _, _, draft, caller, tx in
            let text = Digest.hex(draft.digest)
            let signed = try sign(
                draft.digest, text, rows: draft.rows, draft.filter, by: caller, in: tx)
            return ExportView(
                fileName: "journal-\(draft.day).jsonl", rows: Int64(draft.rows),
                content: String(decoding: draft.bytes, as: UTF8.self),
                signature: """
                    \(ExportForm.title)
                    blake2b-256 \(text)
                    ed25519-key \(Digest.hex(signed.publicKey))
                    signature \(Digest.hex(signed.signature))

                    """)
        },
        .look(
            "/api/v1/journal/key", needs: .permission(AuditPermission.see),
            summary: "Read the public key that exports of the journal are signed with",
            query: NoQuery.self, answers: SigningKeyView.self
        ) { _, _, tx in
            SigningKeyView(key: try tx.journalSigningKey().map { Digest.hex($0.publicKey) })
        },
    ]
}

struct SigningKeyView: WireRecord {
    /// Ed25519, hexadecimal; null until something was exported.
    let key: String?
}

private func draft(
    _ body: ExportRequest, _ caller: Caller, _ kinds: [EventKind], _ refusals: Set<String>,
    in tx: ReadTransaction
) throws -> ExportDraft {
    let filter = JournalFilter(
        kind: body.kind?.text, actor: body.actor?.text, subject: body.subject?.text,
        since: body.since, until: body.until, address: body.address?.text)
    let found = try entries(filter, kinds, in: tx)
    let known = named(kinds)
    let heading = ExportHeading(
        format: "sluice-journal 1", site: try tx.site()?.name ?? "", exportedAt: tx.now,
        exportedBy: caller.name, since: filter.since, until: filter.until, kind: filter.kind,
        actor: filter.actor, subject: filter.subject, address: filter.address,
        rows: Int64(found.count))
    var bytes = try JSON(encoding: heading).bytes()
    bytes.append(0x0a)
    for entry in found {
        let view = try EntryView(
            entry, refused: refusals.contains(entry.kind), showsOrigin: true)
        let seesNames = caller.sees(.personName)
        bytes += try JSON(encoding: seesNames ? view : view.masked(known[entry.kind])).bytes()
        bytes.append(0x0a)
    }
    return ExportDraft(
        bytes: bytes, digest: Digest.blake2b(bytes), rows: found.count, filter: filter,
        day: try tx.today().description)
}
