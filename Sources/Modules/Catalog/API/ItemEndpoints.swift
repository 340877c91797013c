// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import SealedStore
import Web

let itemEndpoints: [Route] = [
    .look(
        "/api/v1/items", needs: .permission(CatalogPermission.see),
        summary: "Items by code, or those that a search finds, the newest first",
        query: ItemQuery.self, answers: PageView<ItemSummaryView>.self,
        refusals: [PageRefusal.self]
    ) { query, _, tx in
        let page = try itemPage(
            q: query.q?.text ?? "", state: query.state?.value,
            PageRequest(query.limit, query.after), in: tx)
        return PageView(page.map { ItemSummaryView($0) })
    },
    .change(
        .post, "/api/v1/items", needs: .permission(CatalogPermission.edit),
        summary: "Add an item with one variant and its base packaging",
        query: NoQuery.self, body: ItemRequest.self,
        answers: ItemView.self, status: 201, refusals: [CatalogRefusal.self],
        example: ItemRequest(
            code: .init(checked: "NF-550"), name: .init(checked: "农夫山泉饮用天然水 550ml"),
            baseUnit: .sample, scale: .sample,
            tracking: TrackingForm(Tracking(lot: true, expiry: true, serial: false)),
            alias: .sample, note: .init(checked: ""))
    ) { _, body, caller, tx in
        ItemView(try addItem(body.draft, by: caller, in: tx))
    },
    .look(
        "/api/v1/items/{id}", needs: .permission(CatalogPermission.see),
        summary: "An item with its variants, packagings and codes", query: ByID<Item>.self,
        answers: ItemView.self, refusals: [CatalogRefusal.self], pace: .quick
    ) { query, _, tx in
        ItemView(try itemCard(query.id, in: tx))
    },
    .edit(
        "/api/v1/items/{id}", needs: .permission(CatalogPermission.edit),
        summary: "Change name, aliases, note or tracking of an item", query: ByID<Item>.self,
        body: ItemEditRequest.self, answers: ItemView.self,
        refusals: [CatalogRefusal.self, KitRefusal.self],
        example: ItemEditRequest(name: .sample, alias: .sample, note: .sample, tracking: nil)
    ) { query, body, condition, caller, tx in
        ItemView(try edit(query.id, body.edit, if: condition, by: caller, in: tx))
    },
    .change(
        .post, "/api/v1/items/{id}/retirement", needs: .permission(CatalogPermission.edit),
        summary: "Take an item out of use; what is left may leave", query: ByID<Item>.self,
        body: Empty.self, answers: ItemView.self,
        refusals: [CatalogRefusal.self, LifecycleRefusal.self], example: Empty()
    ) { query, _, caller, tx in
        ItemView(try retire(query.id, by: caller, in: tx))
    },
    .change(
        .post, "/api/v1/items/{id}/reinstatement", needs: .permission(CatalogPermission.edit),
        summary: "Take a retired item back into use", query: ByID<Item>.self,
        body: Empty.self, answers: ItemView.self,
        refusals: [CatalogRefusal.self, LifecycleRefusal.self], example: Empty()
    ) { query, _, caller, tx in
        ItemView(try reinstate(query.id, by: caller, in: tx))
    },
    .change(
        .post, "/api/v1/items/{id}/variants", needs: .permission(CatalogPermission.edit),
        summary: "Add a variant with its base packaging", query: ByID<Item>.self,
        body: VariantRequest.self, answers: ItemView.self, status: 201,
        refusals: [CatalogRefusal.self],
        example: VariantRequest(code: .init(checked: "RED"), name: .sample)
    ) { query, body, caller, tx in
        ItemView(
            try addVariant(
                to: query.id, code: body.code.text, name: body.name?.text ?? "", by: caller,
                in: tx))
    },
]

let packagingEndpoints: [Route] = [
    .change(
        .post, "/api/v1/variants/{id}/packagings", needs: .permission(CatalogPermission.edit),
        summary: "Add a packaging to a variant", query: ByID<Variant>.self,
        body: PackagingRequest.self, answers: ItemView.self, status: 201,
        refusals: [CatalogRefusal.self, ArithmeticRefusal.self],
        example: PackagingRequest(
            level: Choice(.case), name: .init(checked: "箱"),
            content: ContentForm(num: .sample, den: .init(checked: "1")), codes: .sample)
    ) { query, body, caller, tx in
        let content = try Ratio(body.content.num.value, body.content.den.value)
        return ItemView(
            try addPackaging(
                PackagingDraft(level: body.level.value, name: body.name.text, content: content),
                codes: body.codes?.elements.map(\.text) ?? [], to: query.id, by: caller, in: tx))
    },
    .change(
        .post, "/api/v1/packagings/{id}/retirement", needs: .permission(CatalogPermission.edit),
        summary: "Take a packaging out of use; its codes are free again",
        query: ByID<Packaging>.self, body: Empty.self, answers: ItemView.self,
        refusals: [CatalogRefusal.self, LifecycleRefusal.self], example: Empty()
    ) { query, _, caller, tx in
        ItemView(try retire(query.id, by: caller, in: tx))
    },
    .change(
        .post, "/api/v1/packagings/{id}/codes", needs: .permission(CatalogPermission.edit),
        summary: "Give a packaging one more barcode", query: ByID<Packaging>.self,
        body: CodeRequest.self, answers: ItemView.self, status: 201,
        refusals: [CatalogRefusal.self],
        example: CodeRequest(code: .sample, validFrom: nil, validTo: nil)
    ) { query, body, caller, tx in
        ItemView(
            try attach(
                code: body.code.text, to: query.id, from: body.validFrom, until: body.validTo,
                by: caller, in: tx))
    },
    .change(
        .post, "/api/v1/codes/{id}/end", needs: .permission(CatalogPermission.edit),
        summary: "End a barcode, or take off one that was a mistake", query: ByID<Barcode>.self,
        body: CodeEndRequest.self, answers: ItemView.self, refusals: [CatalogRefusal.self],
        example: CodeEndRequest(validTo: nil)
    ) { query, body, caller, tx in
        ItemView(try end(query.id, on: body.validTo, by: caller, in: tx))
    },
]

/// A page of the item list: by code without a search, the newest first with one.
func itemPage(
    q: String, state: ItemState?, _ request: PageRequest, in tx: ReadTransaction
) throws -> Page<ItemSummary> {
    guard !q.isEmpty else {
        let key = try request.after?.singleText() ?? ""
        let rows = try tx.summaries(state: state, afterCodeKey: key, limit: request.limit + 1)
        return Page(rows, limit: request.limit) { [.text(folded($0.item.code))] }
    }
    guard let question = searchQuestion(for: q, state: state) else {
        return Page(items: [], next: nil)
    }
    let before = try request.after?.integers(1)[0] ?? Int64.max
    let rows = try tx.summaries(question: question, before: before, limit: request.limit + 1)
    return Page(rows, limit: request.limit) { [.integer($0.item.id.raw)] }
}
