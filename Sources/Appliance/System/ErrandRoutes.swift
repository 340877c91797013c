// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Kernel
import ModuleKit
import Outbox
import SealedStore
import Web

struct ErrandQuery: Codable, Sendable {
    let state: Choice<ErrandState>?
    let limit: PageLimit?
    let after: Cursor?
}

/// An errand on the wire, without anything of its target but the name.
struct ErrandView: WireRecord {
    let id: ErrandID
    let target: String
    let kind: String
    let object: String
    let state: Choice<ErrandState>
    let attempts: Int
    let made: Instant
    let changed: Instant
    /// Why the last attempt failed; null when none has.
    let reason: String?
    let note: String

    init(_ errand: QueuedErrand) {
        id = errand.id
        target = errand.target
        kind = errand.work.kind
        object = errand.work.object
        state = Choice(errand.state)
        attempts = errand.attempts
        made = errand.made
        changed = errand.changed
        reason = errand.reason?.rawValue
        note = errand.note
    }
}

/// What the courier has to do, and how it goes.
let errandRoutes: [Route] = [
    .look(
        "/api/v1/errands", needs: .permission(SystemPermission.seeJobs),
        summary: "List what the courier carries to other machines, oldest first",
        query: ErrandQuery.self, answers: PageView<ErrandView>.self
    ) { query, _, tx in
        let request = PageRequest(query.limit, query.after)
        let after = try query.after.map { ErrandID(try $0.integers(1)[0]) }
        let rows = try errands(
            in: query.state?.value ?? .waiting, after: after, limit: request.limit + 1, in: tx)
        return PageView(
            Page(rows, limit: request.limit) { [.integer($0.id.raw)] }.map(ErrandView.init))
    }
]
