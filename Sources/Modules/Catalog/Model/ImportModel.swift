// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// A file of items that somebody sent, from the look at it to its undoing.
struct ItemImport: IDNoun, Sendable, Equatable {
    static let prefix = "imp"

    let id: ID<ItemImport>
    let state: ImportState
    let fileName: String
    /// Rows of the file without its heading; `good` and `bad` add up to it.
    let rows: Int64
    let good: Int64
    let bad: Int64
    /// What the good rows add to the catalogue, or added when it was applied.
    let newItems: Int64
    let newCodes: Int64
    let createdAt: Instant
    /// Id text of who sent it.
    let createdBy: String
}

enum ImportState: String, Sendable, CaseIterable {
    /// Looked at; nothing of the catalogue is changed.
    case previewed
    case applied
    /// Applied and taken back.
    case undone
    case discarded
}

/// What may become of an import.
let importLifecycle = Lifecycle<ImportState>(
    initial: .previewed,
    transitions: [
        .init(from: .previewed, verb: "apply", to: .applied),
        .init(from: .previewed, verb: "discard", to: .discarded),
        .init(from: .applied, verb: "undo", to: .undone),
    ],
    ends: [.applied, .undone, .discarded])

/// What happens to the good rows while there are bad ones.
enum ImportMode: String, Sendable, CaseIterable {
    /// Nothing is applied unless every row is good.
    case allOrNothing = "all_or_nothing"
    case skipBad = "skip_bad"
}

/// What a column of the file says.
enum ImportColumn: String, Sendable, CaseIterable {
    case itemCode = "item_code"
    case itemName = "item_name"
    case baseUnit = "base_unit"
    case decimals
    case trackLot = "track_lot"
    case trackExpiry = "track_expiry"
    case trackSerial = "track_serial"
    case alias
    case variantCode = "variant_code"
    case variantName = "variant_name"
    case packagingLevel = "packaging_level"
    case packagingName = "packaging_name"
    case content
    case barcode

    /// Headings by which Chinese spreadsheets call it.
    var chineseHeadings: [String] {
        switch self {
        case .itemCode: ["商品编码", "商品编号", "商品代码", "货号", "编码"]
        case .itemName: ["商品名称", "品名", "名称"]
        case .baseUnit: ["基本单位", "计量单位", "单位"]
        case .decimals: ["小数位数", "小数位"]
        case .trackLot: ["批次管理", "批号管理", "按批次"]
        case .trackExpiry: ["效期管理", "保质期管理", "有效期管理", "按效期"]
        case .trackSerial: ["序列号管理", "按序列号"]
        case .alias: ["别名", "助记词"]
        case .variantCode: ["规格编码", "规格编号"]
        case .variantName: ["规格名称", "规格"]
        case .packagingLevel: ["包装级别", "包装层级"]
        case .packagingName: ["包装名称", "包装"]
        case .content: ["包装含量", "含量", "换算率", "装箱数"]
        case .barcode: ["条码", "条形码", "商品条码"]
        }
    }
}

/// A row of the file. `row` is the line number that a spreadsheet shows: the heading is 1.
struct ImportRow: Sendable, Equatable {
    let row: Int64
    /// The cells as they stand in the file, also those of columns that nobody knows.
    let cells: [String]
}

/// A file that was read: its heading, and which column stands where.
struct ImportSheet: Sendable, Equatable {
    let heading: [String]
    let places: [ImportColumn: Int]
    let rows: [ImportRow]
}

/// What is wrong with a cell.
struct ImportError: Sendable, Equatable {
    let row: Int64
    let column: ImportColumn
    /// A code of `ImportProblem` or of `CatalogRefusal`.
    let code: String
    let value: String
}

/// What a cell alone, or a row beside others, can do wrong.
enum ImportProblem: String, Sendable, CaseIterable {
    case required = "import.required"
    case tooLong = "import.too_long"
    case controlCharacter = "import.control_character"
    case notYesOrNo = "import.not_yes_or_no"
    case notDecimals = "import.not_decimals"
    case notLevel = "import.not_a_level"
    case notContent = "import.not_a_content"
    /// A spreadsheet wrote a long number as 6.9E+12 and lost its digits.
    case scientific = "import.scientific"
    /// The catalogue, or a row above, says something else of the same item.
    case itemDiffers = "import.item_differs"
    case variantDiffers = "import.variant_differs"
    case packagingDiffers = "import.packaging_differs"
}

/// What an import adds to the catalogue.
struct ImportPlan: Sendable, Equatable {
    var items: [PlannedItem] = []
    var errors: [ImportError] = []

    var badRows: Set<Int64> { Set(errors.map(\.row)) }
    var newItems: Int64 { Int64(items.count { $0.isNew }) }
    var newCodes: Int64 {
        Int64(
            items.reduce(0) { sum, item in
                item.variants.reduce(sum) { sum, variant in
                    variant.packagings.reduce(sum) { $0 + $1.codes.count }
                }
            })
    }
}

/// An item with what is added to it; it is in the catalogue already when `known` is set.
struct PlannedItem: Sendable, Equatable {
    var known: ID<Item>?
    var draft: ItemDraft
    var variants: [PlannedVariant]

    var isNew: Bool { known == nil }
}

struct PlannedVariant: Sendable, Equatable {
    var known: ID<Variant>?
    var code: String
    var name: String
    var packagings: [PlannedPackaging]
}

struct PlannedPackaging: Sendable, Equatable {
    var known: ID<Packaging>?
    var draft: PackagingDraft
    /// New ones only.
    var codes: [CodeText]
}

/// What the catalogue knows of the items and codes that a file names.
struct ImportFacts: Sendable {
    /// By the folded code.
    var items: [String: ItemCard] = [:]
    /// Codes in force on the day of the import, by key.
    var codes: [String: CodeOwner] = [:]
}

/// Whose a code is.
struct CodeOwner: Sendable, Equatable {
    let packaging: ID<Packaging>
    let itemCode: String
}
