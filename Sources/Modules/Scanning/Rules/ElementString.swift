// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// A chain of identifiers and data, the content of GS1-128, GS1 DataMatrix, GS1 QR and DataBar.
///
/// Source: GS1 General Specifications, section 7.8 (processing of element strings).
enum ElementString {
    /// The group separator, which stands for the function character FNC1 in a scanner's output.
    static let separator: UInt8 = 0x1D

    /// Ways in which keyboards, forms and people write the separator. None of these can be data:
    /// each holds a character outside the 82 that data may consist of.
    private static let writtenSeparators = ["{GS}", "~1", "^]", "#"].map { Array($0.utf8) }

    /// Ways that could also be data, letter for letter.
    private static let doubtfulSeparators = ["<GS>", "Alt029"].map { Array($0.utf8) }

    /// The elements of `text`, in the order of the text.
    ///
    /// A doubtful separator is data only where it cannot be a separator: a lot that holds those
    /// letters and goes on as a right element string by chance does not happen.
    ///
    /// Errors: the refusal of the most likely variant, when no variant is right.
    static func reading(
        of text: [UInt8], today: BusinessDay
    ) throws(ReadingRefusal) -> [CodeElement] {
        var refusal: ReadingRefusal?
        for variant in variants(of: text) {
            do throws(ReadingRefusal) {
                return try elements(of: variant, today: today)
            } catch {
                refusal = refusal ?? error
            }
        }
        throw refusal ?? .codeEmpty
    }

    /// The text with its separators as group separators, the most likely variant first.
    static func variants(of text: [UInt8]) -> [[UInt8]] {
        // A real separator says that the device can send it: nothing else is one.
        if text.contains(separator) { return [text] }
        let written = writtenSeparators.reduce(text) { replacing($1, in: $0) }
        let all = doubtfulSeparators.reduce(written) { replacing($1, in: $0) }
        return all == written ? [all] : [all, written]
    }

    /// The elements of a text in which only the group separator separates.
    static func elements(
        of text: [UInt8], today: BusinessDay
    ) throws(ReadingRefusal) -> [CodeElement] {
        var elements: [CodeElement] = []
        var index = 0
        while true {
            while index < text.count, text[index] == separator { index += 1 }
            guard index < text.count else { break }
            guard let identifier = ApplicationIdentifier.match(text[index...]) else {
                throw .identifierUnknown(found: text[index...].prefix(4).asText)
            }
            let start = index + identifier.code.utf8.count
            let rest = text[start...]
            let separated = rest.firstIndex(of: separator) ?? text.count
            var end = separated
            if identifier.hasPredefinedLength {
                end = min(separated, start + identifier.lengths.upperBound)
            }
            let element = try CodeElement(identifier, data: text[start..<end], today: today)
            elements.append(element)
            index = end
        }
        return try ElementPairs.checked(elements)
    }

    /// True when `text` starts like the form for people: `(01)`.
    static func isBracketed(_ text: [UInt8]) -> Bool {
        guard text.first == UInt8(ascii: "(") else { return false }
        return bracket(at: 0, in: text) != nil
    }

    /// The elements of the form for people, `(01)09506000134352(10)LOT7`.
    ///
    /// A bracket that belongs to the data is written `\(`. Spaces between the parts are allowed.
    static func bracketedElements(
        of text: [UInt8], today: BusinessDay
    ) throws(ReadingRefusal) -> [CodeElement] {
        var elements: [CodeElement] = []
        var index = 0
        while index < text.count {
            guard let inside = bracket(at: index, in: text) else {
                throw .identifierUnknown(found: text[index...].prefix(4).asText)
            }
            let code = text[inside].asText
            guard let identifier = ApplicationIdentifier.named(code) else {
                throw .identifierUnknown(found: code)
            }
            var data: [UInt8] = []
            index = inside.upperBound + 1
            while index < text.count, bracket(at: index, in: text) == nil {
                let escapes = text[index] == UInt8(ascii: "\\") && index + 1 < text.count
                if escapes { index += 1 }
                if text[index] != 0x20 { data.append(text[index]) }
                index += 1
            }
            let element = try CodeElement(
                identifier, data: trimmed(data)[...], today: today)
            elements.append(element)
        }
        return try ElementPairs.checked(elements)
    }

    /// Where the two to four digits of a bracket lie that opens at `index`.
    private static func bracket(at index: Int, in text: [UInt8]) -> Range<Int>? {
        guard text[index] == UInt8(ascii: "(") else { return nil }
        var end = index + 1
        while end < text.count, end < index + 6, text[end].isDigit { end += 1 }
        let count = end - index - 1
        guard (2...4).contains(count), end < text.count, text[end] == UInt8(ascii: ")") else {
            return nil
        }
        return (index + 1)..<end
    }

    /// Without separators at the end, which some devices send in front of the next bracket.
    private static func trimmed(_ data: [UInt8]) -> [UInt8] {
        guard let variant = variants(of: data).first else { return data }
        guard variant.last == separator else { return data }
        return Array(variant.prefix { $0 != separator })
    }

    private static func replacing(_ form: [UInt8], in text: [UInt8]) -> [UInt8] {
        guard let first = form.first, text.contains(first) else { return text }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            if text[index] == first, text[index...].starts(with: form) {
                result.append(separator)
                index += form.count
            } else {
                result.append(text[index])
                index += 1
            }
        }
        return result
    }
}
