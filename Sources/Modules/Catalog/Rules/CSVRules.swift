// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// Columns and letters of a cell that a file may have: far more than any sheet of items.
let importColumnsMax = 64
let importCellLengthMax = 2_000

/// Reads comma-separated values (RFC 4180; also separated by semicolons or tabs, which is told from
/// the first line), at most `rowsMax` rows below the heading.
///
/// - Parameter bytes: UTF-8.
/// - Returns: all rows, each with the number that a spreadsheet shows; rows without any text are
///   left out.
func readCSV(_ bytes: [UInt8], rowsMax: Int) throws(ImportRefusal) -> [ImportRow] {
    var reader = CSVReader(bytes, separator: separator(of: bytes))
    var rows: [ImportRow] = []
    while let cells = try reader.next() {
        guard cells.contains(where: { !$0.isEmpty }) else { continue }
        guard rows.count <= rowsMax else { throw .tooManyRows(most: rowsMax) }
        rows.append(ImportRow(row: reader.row, cells: cells))
    }
    return rows
}

/// The cells of one line that `csvLine` wrote.
func csvCells(_ line: String) throws(ImportRefusal) -> [String] {
    var reader = CSVReader(Array(line.utf8), separator: comma)
    return try reader.next() ?? []
}

/// One row as it is written: cells with a separator, a quote, a line end or spaces at the ends are
/// quoted.
func csvLine(_ cells: [String]) -> String {
    cells.map(csvCell).joined(separator: ",") + "\r\n"
}

/// The same with nothing that a spreadsheet would take for a formula: such cells get an apostrophe
/// in front, which spreadsheets show as text.
func csvLineForSpreadsheets(_ cells: [String]) -> String {
    csvLine(
        cells.map { cell in
            switch cell.unicodeScalars.first {
            case "=", "+", "-", "@", "\t", "\r": "'" + cell
            default: cell
            }
        })
}

private func csvCell(_ cell: String) -> String {
    let needsQuotes =
        cell.utf8.contains { $0 == comma || $0 == quote || $0 == lineFeed || $0 == carriageReturn }
        || cell.utf8.first == 0x20 || cell.utf8.last == 0x20
    guard needsQuotes else { return cell }
    // By bytes: a quote with a combining mark behind it is no character of its own.
    let doubled = cell.utf8.flatMap { $0 == quote ? [quote, quote] : [$0] }
    return String(decoding: [quote] + doubled + [quote], as: UTF8.self)
}

private let comma = UInt8(ascii: ",")
private let quote = UInt8(ascii: "\"")
private let lineFeed = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")

/// The separator that stands most often in the first line, outside of quotes.
private func separator(of bytes: [UInt8]) -> UInt8 {
    let candidates = [comma, UInt8(ascii: ";"), UInt8(ascii: "\t")]
    var counts = [0, 0, 0]
    var isQuoted = false
    for byte in bytes {
        if byte == quote { isQuoted.toggle() }
        if isQuoted { continue }
        if byte == lineFeed || byte == carriageReturn { break }
        if let index = candidates.firstIndex(of: byte) { counts[index] += 1 }
    }
    let most = counts.max() ?? 0
    return candidates[counts.firstIndex(of: most) ?? 0]
}

private struct CSVReader {
    private let bytes: [UInt8]
    private let separator: UInt8
    private var place = 0
    /// Number of the row that was read last.
    private(set) var row: Int64 = 0

    init(_ bytes: [UInt8], separator: UInt8) {
        self.bytes = bytes
        self.separator = separator
    }

    /// The cells of the next row; nil at the end.
    mutating func next() throws(ImportRefusal) -> [String]? {
        guard place < bytes.count else { return nil }
        row += 1
        var cells: [String] = []
        while true {
            guard cells.count < importColumnsMax else {
                throw .tooManyColumns(row: row, most: importColumnsMax)
            }
            cells.append(try cell())
            guard place < bytes.count else { return cells }
            let byte = bytes[place]
            place += 1
            if byte == separator { continue }
            if byte == carriageReturn, place < bytes.count, bytes[place] == lineFeed { place += 1 }
            return cells
        }
    }

    /// Reads up to a separator or line end outside of quotes. Text after a closing quote is taken
    /// as it is: spreadsheets write none, people who edit by hand do.
    private mutating func cell() throws(ImportRefusal) -> String {
        var text: [UInt8] = []
        if place < bytes.count, bytes[place] == quote {
            place += 1
            try quoted(into: &text)
        }
        while place < bytes.count {
            let byte = bytes[place]
            if byte == separator || byte == lineFeed || byte == carriageReturn { break }
            text.append(byte)
            place += 1
        }
        // A letter has at most four bytes.
        guard text.count <= importCellLengthMax * 4 else {
            throw .cellTooLong(row: row, most: importCellLengthMax)
        }
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func quoted(into text: inout [UInt8]) throws(ImportRefusal) {
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            if byte != quote {
                text.append(byte)
            } else if place < bytes.count, bytes[place] == quote {
                text.append(quote)
                place += 1
            } else {
                return
            }
        }
        throw .quoteOpen(row: row)
    }
}
