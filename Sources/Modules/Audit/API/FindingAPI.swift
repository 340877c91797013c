// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import SealedStore
import Web

struct FindingView: WireRecord {
    let id: ID<Finding>
    let rule: Choice<WatchRule>
    let key: String
    let actor: String
    /// Null for whoever may not read the names of people.
    let actorName: String?
    let address: String
    let first: Int64
    let last: Int64
    let count: Int64
    let raisedAt: Instant
    let lastAt: Instant
    let state: Choice<FindingState>
    /// Null for whoever may not read the names of people, too.
    let clearedBy: String?
    let clearedAt: Instant?
    let reason: String?

    init(_ finding: Finding, for caller: Caller) {
        id = finding.id
        rule = Choice(finding.rule)
        key = finding.key
        actor = finding.actor
        actorName = caller.sees(.personName) ? finding.actorName : nil
        address = finding.address
        first = finding.firstSeq
        last = finding.lastSeq
        count = finding.count
        raisedAt = finding.raisedAt
        lastAt = finding.lastAt
        state = Choice(finding.state)
        clearedBy = caller.sees(.personName) ? finding.clearedBy : nil
        clearedAt = finding.clearedAt
        reason = finding.reason
    }
}

struct FindingQuery: Codable, Sendable {
    let state: Choice<FindingState>?
    let limit: PageLimit?
    let after: Cursor?
}

struct ClearanceRequest: WireRecord {
    let reason: Name
}

let findingEndpoints: [Route] = [
    .look(
        "/api/v1/findings", needs: .permission(AuditPermission.see),
        summary: "List what an administrator should know, newest first",
        query: FindingQuery.self, answers: PageView<FindingView>.self
    ) { query, caller, tx in
        let request = PageRequest(query.limit, query.after)
        let rows = try tx.findings(
            query.state?.value ?? .open, before: try query.after?.integers(1)[0] ?? Int64.max,
            limit: request.limit + 1)
        return PageView(
            Page(rows, limit: request.limit) { [.integer($0.id.raw)] }.map {
                FindingView($0, for: caller)
            })
    },
    .change(
        .post, "/api/v1/findings/{id}/clearance", needs: .permission(AuditPermission.clear),
        summary: "Say that a finding was looked into, and what it was",
        query: ByID<Finding>.self, body: ClearanceRequest.self, answers: FindingView.self,
        refusals: [AuditRefusal.self], example: ClearanceRequest(reason: .sample)
    ) { path, body, caller, tx in
        let finding = try clearFinding(path.id, reason: body.reason.text, by: caller, in: tx)
        return FindingView(finding, for: caller)
    },
]
