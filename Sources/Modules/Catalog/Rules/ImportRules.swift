// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// Decides what the rows of a file add to the catalogue, and what is wrong with them.
///
/// Rows are taken in their order; a bad row adds nothing, not even in part. A row that says what
/// the catalogue or a row above says already adds nothing and is good, so that a file may be sent
/// again with more rows.
func planImport(_ sheet: ImportSheet, _ facts: ImportFacts) -> ImportPlan {
    var planner = ImportPlanner(facts: facts)
    var plan = ImportPlan()
    for row in sheet.rows {
        let (draft, errors) = rowDraft(row, in: sheet)
        plan.errors += errors
        guard let draft else { continue }
        do throws(RowFault) {
            try planner.take(draft)
        } catch {
            plan.errors.append(
                ImportError(
                    row: row.row, column: error.column, code: error.code, value: error.value))
        }
    }
    plan.items = planner.items.filter(\.addsAnything)
    return plan
}

/// The codes of items and barcodes that a file names: what must be looked up before it is planned.
func namedCodes(in sheet: ImportSheet) -> (items: Set<String>, codes: Set<String>) {
    var items: Set<String> = []
    var codes: Set<String> = []
    for row in sheet.rows {
        guard let draft = rowDraft(row, in: sheet).0 else { continue }
        items.insert(folded(draft.itemCode))
        codes.formUnion(draft.codes.map(\.key))
    }
    return (items, codes)
}

extension PlannedItem {
    fileprivate var addsAnything: Bool {
        isNew
            || variants.contains { variant in
                variant.known == nil
                    || variant.packagings.contains { $0.known == nil || !$0.codes.isEmpty }
            }
    }
}

private struct RowFault: Error {
    let column: ImportColumn
    let code: String
    let value: String

    init(_ column: ImportColumn, _ problem: ImportProblem, _ value: String) {
        self.column = column
        code = problem.rawValue
        self.value = value
    }

    init(_ column: ImportColumn, _ refusal: CatalogRefusal, _ value: String) {
        self.column = column
        code = refusal.code
        self.value = value
    }
}

private struct ImportPlanner {
    private struct Claim {
        let item: Int
        let variant: Int
        let packaging: Int
    }

    private let facts: ImportFacts
    private(set) var items: [PlannedItem] = []
    private var places: [String: Int] = [:]
    private var claims: [String: Claim] = [:]

    init(facts: ImportFacts) { self.facts = facts }

    /// Adds what a row says. Works on a copy of the item, which is put back when the whole row is
    /// good.
    mutating func take(_ row: ImportRowDraft) throws(RowFault) {
        let key = folded(row.itemCode)
        let known = facts.items[key]
        let place = places[key] ?? items.count
        var item: PlannedItem
        if place < items.count {
            item = items[place]
            try requireSame(row, as: item.draft)
        } else if let known {
            guard known.item.state == .active else {
                throw RowFault(
                    .itemCode, CatalogRefusal.itemRetired(item: known.item.code), row.itemCode)
            }
            item = PlannedItem(known)
            try requireSame(row, as: item.draft)
        } else {
            item = PlannedItem(known: nil, draft: try newItem(row), variants: [])
        }
        let variant = try variant(of: row, in: &item)
        let packaging = try packaging(of: row, in: &item.variants[variant], scale: item.draft.scale)
        let claim = Claim(item: place, variant: variant, packaging: packaging)
        let codes = try newCodes(
            of: row, for: claim, known: item.variants[variant].packagings[packaging])
        item.variants[variant].packagings[packaging].codes += codes
        for code in codes { claims[code.key] = claim }
        places[key] = place
        if place < items.count { items[place] = item } else { items.append(item) }
    }

    private func newItem(_ row: ImportRowDraft) throws(RowFault) -> ItemDraft {
        guard let name = row.itemName else { throw RowFault(.itemName, .required, "") }
        guard let unit = row.baseUnit else { throw RowFault(.baseUnit, .required, "") }
        let draft = ItemDraft(
            code: row.itemCode, name: name, baseUnit: unit, scale: row.scale ?? 0,
            tracking: Tracking(
                lot: row.lot ?? false, expiry: row.expiry ?? false, serial: row.serial ?? false),
            alias: row.alias ?? "")
        do throws(CatalogRefusal) {
            try requireSound(draft)
        } catch {
            throw RowFault(.trackSerial, error, draft.tracking.serial ? "1" : "0")
        }
        return draft
    }

    /// An empty cell agrees with everything.
    private func requireSame(
        _ row: ImportRowDraft, as draft: ItemDraft
    ) throws(RowFault) {
        func compare<Value: Equatable>(
            _ column: ImportColumn, _ value: Value?, _ kept: Value
        ) throws(RowFault) {
            if let value, value != kept { throw RowFault(column, .itemDiffers, "\(value)") }
        }
        try compare(.itemName, row.itemName, draft.name)
        try compare(.baseUnit, row.baseUnit, draft.baseUnit)
        try compare(.decimals, row.scale, draft.scale)
        try compare(.trackLot, row.lot, draft.tracking.lot)
        try compare(.trackExpiry, row.expiry, draft.tracking.expiry)
        try compare(.trackSerial, row.serial, draft.tracking.serial)
        try compare(.alias, row.alias, draft.alias)
    }

    private func variant(
        of row: ImportRowDraft, in item: inout PlannedItem
    ) throws(RowFault) -> Int {
        let code = row.variantCode ?? item.draft.code
        if let place = item.variants.firstIndex(where: { folded($0.code) == folded(code) }) {
            if let name = row.variantName, name != item.variants[place].name {
                throw RowFault(.variantName, .variantDiffers, name)
            }
            return place
        }
        guard item.variants.count < Limit.variantsPerItem else {
            throw RowFault(
                .variantCode, CatalogRefusal.variantTooMany(most: Limit.variantsPerItem), code)
        }
        item.variants.append(
            PlannedVariant(
                known: nil, code: code, name: row.variantName ?? "",
                packagings: [
                    PlannedPackaging(
                        known: nil,
                        draft: PackagingDraft(
                            level: .base, name: item.draft.baseUnit, content: .one),
                        codes: [])
                ]))
        return item.variants.count - 1
    }

    private func packaging(
        of row: ImportRowDraft, in variant: inout PlannedVariant, scale: Int
    ) throws(RowFault) -> Int {
        if row.level == .base { return try basePackaging(of: row, in: &variant) }
        let name = row.packagingName ?? row.level.rawValue
        guard let content = row.content else { throw RowFault(.content, .required, "") }
        do throws(CatalogRefusal) {
            try requireSound(content, scale: scale)
        } catch {
            throw RowFault(.content, error, content.description)
        }
        if let place = variant.packagings.firstIndex(where: {
            folded($0.draft.name) == folded(name)
        }) {
            let same = variant.packagings[place].draft
            guard same.level == row.level else {
                throw RowFault(.packagingLevel, .packagingDiffers, row.level.rawValue)
            }
            guard same.content == content else {
                throw RowFault(.content, .packagingDiffers, content.description)
            }
            return place
        }
        guard variant.packagings.count < Limit.packagingsPerVariant else {
            throw RowFault(
                .packagingLevel,
                CatalogRefusal.packagingTooMany(most: Limit.packagingsPerVariant), name)
        }
        variant.packagings.append(
            PlannedPackaging(
                known: nil, draft: PackagingDraft(level: row.level, name: name, content: content),
                codes: []))
        return variant.packagings.count - 1
    }

    /// The base packaging is there already; the file may only say so, and what it is called.
    private func basePackaging(
        of row: ImportRowDraft, in variant: inout PlannedVariant
    ) throws(RowFault) -> Int {
        if let content = row.content, content != .one {
            throw RowFault(
                .content, CatalogRefusal.contentInvalid(content: content), content.description)
        }
        guard let place = variant.packagings.firstIndex(where: { $0.draft.level == .base }) else {
            throw RowFault(.packagingLevel, .packagingDiffers, row.level.rawValue)
        }
        if let name = row.packagingName, name != variant.packagings[place].draft.name {
            let isTaken = variant.packagings.contains { folded($0.draft.name) == folded(name) }
            guard variant.packagings[place].known == nil, !isTaken else {
                throw RowFault(.packagingName, .packagingDiffers, name)
            }
            variant.packagings[place].draft.name = name
        }
        return place
    }

    /// The codes of a row that its packaging does not have yet.
    private func newCodes(
        of row: ImportRowDraft, for claim: Claim, known packaging: PlannedPackaging
    ) throws(RowFault) -> [CodeText] {
        var codes: [CodeText] = []
        for code in row.codes where !codes.contains(where: { $0.key == code.key }) {
            if let owner = facts.codes[code.key] {
                guard packaging.known == owner.packaging else { throw taken(code, owner.itemCode) }
            } else if let other = claims[code.key] {
                let isOurs =
                    other.item == claim.item && other.variant == claim.variant
                    && other.packaging == claim.packaging
                guard isOurs else { throw taken(code, items[other.item].draft.code) }
            } else {
                codes.append(code)
            }
        }
        guard packaging.codes.count + codes.count <= Limit.codesPerPackaging else {
            throw RowFault(
                .barcode, CatalogRefusal.codeTooMany(most: Limit.codesPerPackaging),
                row.codes.last?.text ?? "")
        }
        return codes
    }

    private func taken(_ code: CodeText, _ item: String) -> RowFault {
        RowFault(.barcode, CatalogRefusal.codeTaken(code: code.text, item: item), code.text)
    }
}

extension PlannedItem {
    /// What the catalogue has of an item; retired packagings are out of the plan.
    fileprivate init(_ card: ItemCard) {
        let item = card.item
        self.init(
            known: item.id,
            draft: ItemDraft(
                code: item.code, name: item.name, baseUnit: item.baseUnit, scale: item.scale,
                tracking: item.tracking, alias: item.alias, note: item.note),
            variants: card.variants.map { part in
                PlannedVariant(
                    known: part.variant.id, code: part.variant.code, name: part.variant.name,
                    packagings: part.packagings.filter { $0.packaging.state == .active }.map {
                        PlannedPackaging(
                            known: $0.packaging.id,
                            draft: PackagingDraft(
                                level: $0.packaging.level, name: $0.packaging.name,
                                content: $0.packaging.content),
                            codes: [])
                    })
            })
    }
}
