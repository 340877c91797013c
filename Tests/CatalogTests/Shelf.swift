// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Journal
import Kernel
import ModuleKit
import SealedStore
import Synchronization

@testable import Catalog

/// A real store in a folder of its own, with a clock that stands until it is moved. The folder goes
/// when the object goes.
final class Shelf: Sendable {
    let store: SealedStore
    private let time: Clock
    private let folder: String

    init() throws {
        let time = Clock()
        self.time = time
        folder = NSTemporaryDirectory() + "catalog-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        store = try SealedStore.open(
            folder: folder + "/store", key: try RootKey.random(),
            schemas: [journalSchema, kitSchema, catalogSchema], clock: { time.now })
        try store.write { tx in
            try tx.setSite(Site(name: "Test", timeZone: "Asia/Shanghai"))
            try tx.tell(
                EventKind("test.set_up", needs: CatalogPermission.see), about: "-", [:], by: clerk)
        }
    }

    deinit {
        store.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// 2026-11-23 at noon in Shanghai, until it is moved.
    func wait(days: Int64) { time.move(days: days) }

    func write<T: Sendable>(_ work: @escaping @Sendable (WriteTransaction) throws -> T) throws -> T
    {
        try store.write(work)
    }

    func read<T>(_ body: (ReadTransaction) throws -> T) throws -> T { try store.read(body) }

    func count(_ table: String) throws -> Int64 {
        try read { try $0.integer("SELECT count(*) FROM \(table)") ?? -1 }
    }

    /// Events told since the shelf was made, as `kind subject`.
    func events() throws -> [String] {
        try read {
            try $0.all("SELECT kind, subject FROM journal_event WHERE seq > 1 ORDER BY seq") {
                "\($0.text(0)) \($0.text(1))"
            }
        }
    }

    func lastFacts() throws -> String {
        try read { try $0.text("SELECT facts FROM journal_event ORDER BY seq DESC") ?? "" }
    }

    /// Everything that a table holds, so that two states can be compared.
    func dump(_ table: String, _ columns: String) throws -> [String] {
        try read {
            try $0.all("SELECT json_array(\(columns)) FROM \(table) ORDER BY 1") { $0.text(0) }
        }
    }

    /// What the planner says it would do.
    func plan(_ sql: String) throws -> [String] {
        let count = sql.contains("?1") ? 1 : sql.count { $0 == "?" }
        return try read {
            try $0.all(
                "EXPLAIN QUERY PLAN \(sql)", Array(repeating: Int64?.none, count: count)
            ) { $0.text(3) }
        }
    }
}

final class Clock: Sendable {
    private let microseconds = Atomic<Int64>(1_795_406_400_000_000)

    var now: Instant { Instant(microseconds: microseconds.load(ordering: .relaxed)) }

    func move(days: Int64) {
        microseconds.wrappingAdd(days * 86_400_000_000, ordering: .relaxed)
    }
}

let clerk = Caller(
    actor: .user(7), name: "Lin", permissions: Set(CatalogPermission.all), scope: .everything,
    language: .zhCN)

extension Shelf {
    /// An item as most are: whole bottles, nothing tracked.
    @discardableResult
    func add(
        _ code: String = "NF-550", _ name: String = "农夫山泉饮用天然水", scale: Int = 0,
        tracking: Tracking = .none, alias: String = ""
    ) throws -> ItemCard {
        try write {
            try addItem(
                ItemDraft(
                    code: code, name: name, baseUnit: "瓶", scale: scale, tracking: tracking,
                    alias: alias), by: clerk, in: $0)
        }
    }

    @discardableResult
    func addCase(
        of card: ItemCard, _ num: Int64 = 24, name: String = "箱", codes: [String] = []
    ) throws -> ItemCard {
        let variant = card.variants[0].variant.id
        let content = try Ratio(num)
        return try write {
            try addPackaging(
                PackagingDraft(level: .case, name: name, content: content), codes: codes,
                to: variant, by: clerk, in: $0)
        }
    }

    func attachCode(
        _ code: String, to id: ID<Packaging>, from: BusinessDay? = nil, until: BusinessDay? = nil
    ) throws -> ItemCard {
        try write { try attach(code: code, to: id, from: from, until: until, by: clerk, in: $0) }
    }

    /// What the warehouse does when stock moves.
    func use(_ item: Item, packaging: ID<Packaging>? = nil) throws {
        try write { tx in
            try markUsed(item, packaging: packaging, in: tx)
            try tx.tell(
                EventKind("test.moved", needs: CatalogPermission.see), about: "-", [:], by: clerk)
        }
    }

    func today() throws -> BusinessDay { try read { try $0.today() } }

    /// Codes of the items that a search finds.
    func find(_ q: String, state: ItemState? = nil) throws -> [String] {
        try read {
            try itemPage(q: q, state: state, PageRequest(limit: 200), in: $0).items.map(\.item.code)
        }
    }
}

extension ItemCard {
    var base: Packaging { variants[0].packagings[0].packaging }

    func packaging(named name: String) -> Packaging? {
        variants.flatMap(\.packagings).map(\.packaging).first { $0.name == name }
    }

    var codes: [Barcode] { variants.flatMap(\.packagings).flatMap(\.codes) }
}
