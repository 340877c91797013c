// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Catalog
import Foundation
import Inventory
import Kernel
import ModuleKit
import SealedStore
import Synchronization

/// A clock that goes one step on whenever it is asked, so that a year passes in seconds.
private final class SteppingClock: Sendable {
    private let state: Mutex<Int64>
    private let step: Int64
    private let last: Int64

    init(from first: Instant, to last: Instant, steps: Int) {
        state = Mutex(first.microseconds)
        step = (last.microseconds - first.microseconds) / Int64(steps)
        self.last = last.microseconds
    }

    func now() -> Instant {
        state.withLock {
            $0 = min(last, $0 + step)
            return Instant(microseconds: $0)
        }
    }
}

/// Work handed to the writer before its answers are awaited: below the length of its queue.
private let pipeline = 1000

/// Who the demo goods were booked by.
private let demoCaller = Caller.system("demo")

/// Fills a copy of the books with demo goods, bins and a year of movements.
///
/// Everything goes through the same functions as real goods do. The store is opened with a clock
/// of its own, which is how the movements come to lie in the past.
func fillWithDemo(
    folder: String, ledger: String, key: RootKey, site: Site, until: Instant
) throws -> PracticeView {
    let plan = DemoPlan(seed: 20_260_101)
    let year = try until.adding(seconds: -365 * 86_400)
    let steps = plan.items.count + plan.moves.count + 16
    let clock = SteppingClock(from: year, to: until, steps: steps)
    let store = try SealedStore.open(
        folder: folder, key: key, schemas: allSchemas(allModules().modules), clock: clock.now,
        ledger: ledger)
    defer { store.close() }
    let bins = try store.write { tx in
        try tx.setSite(site)
        return try addDemoBins(in: tx)
    }
    let variants = Mutex([Int: DemoGoods]())
    try inPipeline(store, Array(plan.items.enumerated())) { entry, tx in
        let goods = try addDemoItem(entry.element, in: tx)
        variants.withLock { $0[entry.offset] = goods }
    }
    let goods = variants.withLock { $0 }
    try inPipeline(store, plan.moves) { move, tx in
        guard let thing = goods[move.item] else { return }
        let item = plan.items[move.item]
        let spare = bins[(item.bin + 1) % bins.count]
        _ = try Inventory.move(
            try draft(move, item, thing, bin: bins[item.bin], spare: spare, in: tx),
            by: demoCaller, in: tx)
    }
    return try store.read { tx in
        PracticeView(
            active: true, items: try itemCount(in: tx), movements: try movementCount(in: tx))
    }
}

/// A demo item in the catalogue.
private struct DemoGoods: Sendable {
    let variant: ID<Variant>
    let caseOf: ID<Packaging>
}

/// Hands every element to the writer without waiting for the one before; the writer groups them
/// into commits. The first error ends it.
private func inPipeline<Element: Sendable>(
    _ store: SealedStore, _ elements: [Element],
    _ work: @escaping @Sendable (Element, WriteTransaction) throws -> Void
) throws {
    let failure = Mutex<(any Error)?>(nil)
    for start in stride(from: 0, to: elements.count, by: pipeline) {
        let done = DispatchGroup()
        for element in elements[start..<min(start + pipeline, elements.count)] {
            done.enter()
            store.submit({ try work(element, $0) }) { result in
                if case .failure(let error) = result {
                    failure.withLock { if $0 == nil { $0 = error } }
                }
                done.leave()
            }
        }
        done.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }
}

private func addDemoBins(in tx: WriteTransaction) throws -> [ID<Place>] {
    var bins: [ID<Place>] = []
    for (code, name) in [("D1", "南山仓 (示例)"), ("D2", "顺义仓 (示例)")] {
        let warehouse = try addWarehouse(
            code: code, name: name, firstBin: nil, by: demoCaller, in: tx)
        for zone in ["A", "B"] {
            let parent = try addPlace(
                PlaceDraft(
                    warehouse: warehouse.id, kind: .zone, code: "\(code)-\(zone)", name: ""),
                by: demoCaller, in: tx)
            for number in 1...DemoPlan.binsPerWarehouse / 2 {
                let label = "\(code)-\(zone)-\(number < 10 ? "0" : "")\(number)"
                bins.append(
                    try addPlace(
                        PlaceDraft(
                            warehouse: warehouse.id, parent: parent.id, kind: .bin, code: label,
                            name: ""), by: demoCaller, in: tx
                    ).id)
            }
        }
    }
    return bins
}

private func addDemoItem(_ item: DemoItem, in tx: WriteTransaction) throws -> DemoGoods {
    let expires = item.product.hasExpiry
    let card = try addItem(
        ItemDraft(
            code: item.code, name: item.name, baseUnit: item.product.baseUnit,
            tracking: Tracking(lot: expires, expiry: expires, serial: false)),
        by: demoCaller, in: tx)
    guard let part = card.variants.first, let base = part.packagings.first else {
        throw SystemRefusal.practiceMissing
    }
    _ = try attach(
        code: withCheckDigit(item.number), to: base.packaging.id, by: demoCaller, in: tx)
    _ = try addPackaging(
        PackagingDraft(level: .inner, name: "中包", content: try Ratio(item.product.inner)),
        codes: [withCheckDigit("2\(item.number)")], to: part.variant.id, by: demoCaller, in: tx)
    let full = try addPackaging(
        PackagingDraft(level: .case, name: "箱", content: try Ratio(item.product.perCase)),
        codes: [withCheckDigit("1\(item.number)")], to: part.variant.id, by: demoCaller, in: tx)
    let packagings = full.variants.first?.packagings ?? []
    guard let caseOf = packagings.first(where: { $0.packaging.level == .case }) else {
        throw SystemRefusal.practiceMissing
    }
    return DemoGoods(variant: part.variant.id, caseOf: caseOf.packaging.id)
}

private func draft(
    _ move: DemoMove, _ item: DemoItem, _ goods: DemoGoods, bin: ID<Place>, spare: ID<Place>,
    in tx: WriteTransaction
) throws -> MovementDraft {
    func draft(_ kind: MovementKind, _ count: Int64) -> MovementDraft {
        MovementDraft(
            kind: kind, variant: goods.variant, count: Quantity(pieces: count),
            place: bin, lot: item.product.hasExpiry ? "\(item.code)-\(move.lot)" : nil)
    }
    switch move.kind {
    case .receiveCases(let cases):
        var receipt = draft(.receive, cases)
        receipt.packaging = goods.caseOf
        if item.product.hasExpiry { receipt.expiry = try tx.today().adding(days: 270) }
        return receipt
    case .ship(let count):
        return draft(.ship, count)
    case .move(let count):
        var aside = draft(.move, count)
        aside.toPlace = spare
        return aside
    case .damage(let count):
        var broken = draft(.adjust, count)
        broken.change = .decrease
        broken.reason = .damaged
        return broken
    }
}

/// The digits with the check digit of GS1 behind them: weights 3 and 1 from the right.
///
/// Source: GS1 General Specifications, 7.9.1.
func withCheckDigit(_ digits: String) -> String {
    var sum = 0
    for (index, digit) in digits.reversed().enumerated() {
        sum += (digit.wholeNumberValue ?? 0) * (index % 2 == 0 ? 3 : 1)
    }
    return digits + String((10 - sum % 10) % 10)
}
