// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// Finds the heading and tells which column stands where.
///
/// Refuses a file without rows, one without item codes, and one that names a column twice.
func importSheet(_ rows: [ImportRow]) throws(ImportRefusal) -> ImportSheet {
    guard let heading = rows.first, rows.count > 1 else { throw .empty }
    var places: [ImportColumn: Int] = [:]
    for (index, cell) in heading.cells.enumerated() {
        guard let column = column(named: cell) else { continue }
        guard places[column] == nil else { throw .headingTwice(column: column.rawValue) }
        places[column] = index
    }
    guard places[.itemCode] != nil else {
        throw .headingMissing(column: ImportColumn.itemCode.rawValue)
    }
    return ImportSheet(heading: heading.cells, places: places, rows: Array(rows.dropFirst()))
}

private func column(named heading: String) -> ImportColumn? {
    let word = squashed(heading)
    return ImportColumn.allCases.first { column in
        squashed(column.rawValue) == word
            || column.chineseHeadings.contains { squashed($0) == word }
    }
}

/// What one row says, cell by cell; nil is an empty cell.
struct ImportRowDraft: Sendable, Equatable {
    var row: Int64
    var itemCode: String
    var itemName: String?
    var baseUnit: String?
    var scale: Int?
    var lot: Bool?
    var expiry: Bool?
    var serial: Bool?
    var alias: String?
    var variantCode: String?
    var variantName: String?
    var level: PackagingLevel
    /// The name of the packaging, or else its level in the words of the file.
    var packagingName: String?
    var content: Ratio?
    var codes: [CodeText]
}

/// Reads the cells of a row, and tells everything that is wrong with them.
func rowDraft(_ row: ImportRow, in sheet: ImportSheet) -> (ImportRowDraft?, [ImportError]) {
    var cells = CellReader(row: row, places: sheet.places)
    let itemCode = cells.text(.itemCode, most: Limit.codeLength, refusesScientific: true)
    if itemCode == nil, cells.errors.isEmpty { cells.refuse(.itemCode, .required) }
    let levelText = cells.text(.packagingLevel, most: unitLengthMax)
    let level = levelText.map { packagingLevel(named: $0) } ?? .base
    if level == nil { cells.refuse(.packagingLevel, .notLevel) }
    let name = cells.text(.packagingName, most: Limit.nameLength)
    let draft = ImportRowDraft(
        row: row.row, itemCode: itemCode ?? "",
        itemName: cells.text(.itemName, most: Limit.nameLength),
        baseUnit: cells.text(.baseUnit, most: unitLengthMax), scale: cells.scale(),
        lot: cells.flag(.trackLot), expiry: cells.flag(.trackExpiry),
        serial: cells.flag(.trackSerial), alias: cells.text(.alias, most: aliasLengthMax),
        variantCode: cells.text(.variantCode, most: Limit.codeLength, refusesScientific: true),
        variantName: cells.text(.variantName, most: Limit.nameLength), level: level ?? .base,
        packagingName: name ?? (level == .base ? nil : levelText), content: cells.content(),
        codes: cells.codes())
    return (cells.errors.isEmpty ? draft : nil, cells.errors)
}

/// Letters of all aliases of an item together.
let aliasLengthMax = 200

private struct CellReader {
    let row: ImportRow
    let places: [ImportColumn: Int]
    private(set) var errors: [ImportError] = []

    init(row: ImportRow, places: [ImportColumn: Int]) {
        self.row = row
        self.places = places
    }

    private func cell(_ column: ImportColumn) -> String {
        guard let place = places[column], place < row.cells.count else { return "" }
        let text = trimmed(row.cells[place])
        // Our own error files guard such cells with an apostrophe; they come back mended.
        if text.first == "'", let next = text.dropFirst().first, "=+-@".contains(next) {
            return String(text.dropFirst())
        }
        return text
    }

    mutating func refuse(_ column: ImportColumn, _ problem: ImportProblem) {
        refuse(column, problem.rawValue, cell(column))
    }

    mutating func refuse(_ column: ImportColumn, _ code: String, _ value: String) {
        errors.append(ImportError(row: row.row, column: column, code: code, value: value))
    }

    mutating func text(
        _ column: ImportColumn, most: Int, refusesScientific: Bool = false
    ) -> String? {
        let text = cell(column)
        guard !text.isEmpty else { return nil }
        if text.unicodeScalars.count > most {
            refuse(column, .tooLong)
        } else if text.unicodeScalars.contains(where: isControl) {
            refuse(column, .controlCharacter)
        } else if refusesScientific, isScientific(text) {
            refuse(column, .scientific)
        }
        return text
    }

    mutating func flag(_ column: ImportColumn) -> Bool? {
        switch folded(cell(column)) {
        case "": return nil
        case "1", "y", "yes", "true", "是", "√", "有": return true
        case "0", "n", "no", "false", "否", "×", "无", "-": return false
        default:
            refuse(column, .notYesOrNo)
            return nil
        }
    }

    mutating func scale() -> Int? {
        let text = folded(cell(.decimals))
        guard !text.isEmpty else { return nil }
        guard let scale = Int(text), (0...Quantity.scaleMax).contains(scale) else {
            refuse(.decimals, .notDecimals)
            return nil
        }
        return scale
    }

    mutating func content() -> Ratio? {
        let text = folded(cell(.content))
        guard !text.isEmpty else { return nil }
        guard let content = ratio(text) else {
            refuse(.content, .notContent)
            return nil
        }
        return content
    }

    /// A cell may hold several codes, separated by semicolons or on lines of their own.
    mutating func codes() -> [CodeText] {
        var codes: [CodeText] = []
        for part in cell(.barcode).split(whereSeparator: { ";；\n\r\r\n".contains($0) }) {
            let text = trimmed(String(part))
            if text.isEmpty { continue }
            if isScientific(text) {
                refuse(.barcode, ImportProblem.scientific.rawValue, text)
                continue
            }
            do throws(CatalogRefusal) {
                codes.append(try CodeText(text))
            } catch {
                refuse(.barcode, error.code, text)
            }
        }
        return codes
    }
}

/// `24`, `0.5` or `1/3`.
private func ratio(_ text: String) -> Ratio? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map {
        try? Quantity(decimal: trimmed(String($0)))
    }
    guard let first = parts[0], parts.count <= 2 else { return nil }
    guard let over = try? Ratio(first.units, power(first.scale)) else { return nil }
    guard parts.count == 2 else { return over }
    guard let second = parts[1], let under = try? Ratio(second.units, power(second.scale)) else {
        return nil
    }
    return try? over * under.inverted()
}

private func power(_ exponent: Int) -> Int64 {
    var value: Int64 = 1
    for _ in 0..<exponent { value *= 10 }
    return value
}

/// `6.90E+12`: what a spreadsheet leaves of a long number.
private func isScientific(_ text: String) -> Bool {
    let bytes = Array(folded(text).utf8)
    guard let mark = bytes.firstIndex(of: UInt8(ascii: "e")), mark > 0, mark + 2 < bytes.count,
        bytes[mark + 1] == UInt8(ascii: "+")
    else { return false }
    func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    return bytes[..<mark].allSatisfy { isDigit($0) || $0 == UInt8(ascii: ".") }
        && isDigit(bytes[0]) && bytes[(mark + 2)...].allSatisfy(isDigit)
}

private func packagingLevel(named text: String) -> PackagingLevel? {
    switch folded(text) {
    case "base", "unit", "each", "基本", "基本单位", "单品", "单件", "最小单位": .base
    case "inner", "pack", "中包", "内包", "中盒", "内盒": .inner
    case "case", "carton", "箱", "整箱", "外箱", "件": .case
    case "pallet", "托盘", "托", "板", "栈板": .pallet
    default: nil
    }
}
