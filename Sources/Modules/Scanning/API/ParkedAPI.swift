// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Catalog
import Inventory
import Kernel
import ModuleKit
import SealedStore
import Web

struct ParkedView: WireRecord {
    let id: ID<ParkedScan>
    let code: String
    let task: Choice<ScanTask>
    let place: String?
    let count: String?
    /// Null for whoever may not read the names of people.
    let by: String?
    let device: String?
    let at: Instant
    let state: Choice<ParkedState>
    let known: Bool
    let reason: String?
    let movement: ID<Movement>?

    init(_ parked: ParkedScan, for caller: Caller) {
        id = parked.id
        code = parked.code
        task = Choice(parked.task)
        place = parked.place
        count = parked.count
        by = caller.sees(.personName) ? parked.actorName : nil
        device = parked.actor.hasPrefix("dev-") ? parked.actor : nil
        at = parked.at
        state = Choice(parked.state)
        known = parked.known
        reason = parked.reason
        movement = parked.movement
    }
}

struct ParkedQuery: Codable, Sendable {
    let state: Choice<ParkedState>?
    let limit: PageLimit?
    let after: Cursor?
}

struct AttachmentRequest: WireRecord {
    let packaging: ID<Packaging>
}

struct DismissalRequest: WireRecord {
    let reason: Name
}

private let resolves = Endpoint.Need.permission(ScanPermission.resolveParked)

let parkedEndpoints: [Route] = [
    .look(
        "/api/v1/parked-codes", needs: .permission(ScanPermission.seeParked),
        summary: "List scans whose code nobody knew, newest first", query: ParkedQuery.self,
        answers: PageView<ParkedView>.self
    ) { query, caller, tx in
        let request = PageRequest(query.limit, query.after)
        let rows = try tx.parkedScans(
            query.state?.value ?? .open, within: caller.scope,
            before: try query.after?.integers(1)[0] ?? Int64.max, limit: request.limit + 1)
        return PageView(
            Page(rows, limit: request.limit) { [.integer($0.id.raw)] }.map {
                ParkedView($0, for: caller)
            })
    },
    .change(
        .post, "/api/v1/parked-codes/{id}/attachment", needs: resolves,
        summary: "Say which packaging a parked code is, and carry its scans out",
        query: ByID<ParkedScan>.self, body: AttachmentRequest.self, answers: ParkedView.self,
        refusals: [
            ScanRefusal.self, ReadingRefusal.self, StockRefusal.self, CatalogRefusal.self,
            LifecycleRefusal.self,
        ],
        example: AttachmentRequest(packaging: ID(1))
    ) { path, body, caller, tx in
        try caller.require(CatalogPermission.edit)
        return ParkedView(try attach(path.id, to: body.packaging, by: caller, in: tx), for: caller)
    },
    .change(
        .post, "/api/v1/parked-codes/{id}/replay", needs: resolves,
        summary: "Carry out the parked scans of a code that is known by now",
        query: ByID<ParkedScan>.self, body: Empty.self, answers: ParkedView.self,
        refusals: [ScanRefusal.self, StockRefusal.self, LifecycleRefusal.self], example: Empty()
    ) { path, _, caller, tx in
        ParkedView(try replay(path.id, by: caller, in: tx), for: caller)
    },
    .change(
        .post, "/api/v1/parked-codes/{id}/dismissal", needs: resolves,
        summary: "Drop a parked scan, with a reason", query: ByID<ParkedScan>.self,
        body: DismissalRequest.self, answers: ParkedView.self,
        refusals: [ScanRefusal.self, LifecycleRefusal.self],
        example: DismissalRequest(reason: .sample)
    ) { path, body, caller, tx in
        ParkedView(try dismiss(path.id, reason: body.reason.text, by: caller, in: tx), for: caller)
    },
]
