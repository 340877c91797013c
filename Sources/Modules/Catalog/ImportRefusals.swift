// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// Every "no" about a file of items as a whole; what is wrong with a single row is told with the
/// row (`ImportProblem`).
package enum ImportRefusal: Refusal, Equatable {
    case unknown(file: String)
    case empty
    case unreadableText
    case quoteOpen(row: Int64)
    case headingMissing(column: String)
    case headingTwice(column: String)
    case tooManyRows(most: Int)
    case tooManyColumns(row: Int64, most: Int)
    case cellTooLong(row: Int64, most: Int)
    case badRows(bad: Int64)
    case nothingToApply
    case inUse(items: [String])

    package static let catalogue: [RefusalCode] = [
        RefusalCode("import.unknown", .notFound),
        RefusalCode("import.empty", .invalid),
        RefusalCode("import.unreadable_text", .invalid),
        RefusalCode("import.quote_open", .invalid),
        RefusalCode("import.heading_missing", .invalid),
        RefusalCode("import.heading_twice", .invalid),
        RefusalCode("import.too_many_rows", .tooLarge),
        RefusalCode("import.too_many_columns", .invalid),
        RefusalCode("import.cell_too_long", .invalid),
        RefusalCode("import.bad_rows", .conflict),
        RefusalCode("import.nothing_to_apply", .conflict),
        RefusalCode("import.in_use", .conflict),
    ]

    package var code: String {
        switch self {
        case .unknown: "import.unknown"
        case .empty: "import.empty"
        case .unreadableText: "import.unreadable_text"
        case .quoteOpen: "import.quote_open"
        case .headingMissing: "import.heading_missing"
        case .headingTwice: "import.heading_twice"
        case .tooManyRows: "import.too_many_rows"
        case .tooManyColumns: "import.too_many_columns"
        case .cellTooLong: "import.cell_too_long"
        case .badRows: "import.bad_rows"
        case .nothingToApply: "import.nothing_to_apply"
        case .inUse: "import.in_use"
        }
    }

    package var parameters: [String: Fact] {
        switch self {
        case .unknown(let file): ["import": .text(file)]
        case .empty, .unreadableText, .nothingToApply: [:]
        case .quoteOpen(let row): ["row": .integer(row)]
        case .headingMissing(let column), .headingTwice(let column): ["column": .text(column)]
        case .tooManyRows(let most): ["most": .integer(Int64(most))]
        case .tooManyColumns(let row, let most), .cellTooLong(let row, let most):
            ["row": .integer(row), "most": .integer(Int64(most))]
        case .badRows(let bad): ["bad": .integer(bad)]
        case .inUse(let items): ["items": .list(items.map { .text($0) })]
        }
    }
}
