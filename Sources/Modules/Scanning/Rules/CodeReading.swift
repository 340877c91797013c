// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// What a code may mean, before anything is looked up: every interpretation that its characters
/// allow, the most telling first and the plain text always last.
struct Reading: Hashable, Sendable {
    /// The code without framing, prefix and stars.
    let text: String
    /// What the scanner said it saw, when it said so.
    let prefix: SymbolPrefix?
    /// Never empty. Whoever asks must treat two that fit as a question, not take the first.
    let candidates: [CodeCandidate]
    let notes: [ReadingNote]

    /// The kind of the most telling candidate.
    var symbol: CodeSymbol { candidates.first?.symbol ?? .text }

    /// The one interpretation as GS1 elements, from an element string or a web address.
    var elementCandidate: CodeCandidate? { candidates.first { !$0.elements.isEmpty } }

    /// True when the characters alone allow more than one meaning besides the text.
    var isAmbiguous: Bool { candidates.count { $0.symbol != .text } > 1 }
}

/// One interpretation of a code.
struct CodeCandidate: Hashable, Sendable {
    let symbol: CodeSymbol
    let meaning: Meaning

    enum Meaning: Hashable, Sendable {
        case item(GTIN)
        case sscc(SSCC)
        case elements([CodeElement])
        case restricted(RestrictedNumber)
        case own(OwnCode)
        case text(String)
    }
}

/// Something that a person should know although the code was read.
enum ReadingNote: Hashable, Sendable {
    /// The text looks like a number with a check digit, which is wrong.
    case checkDigitWrong
    /// The text begins with a right number of GS1 but does not go on as one. Carries the refusal.
    case elementStringWrong(ReadingRefusal)
    /// Count and content without the number of the pallet, which another symbol must carry.
    case ssccElsewhere
    /// The lot or serial at the end could hold more elements whose separator a device swallowed.
    case separatorMaybeLost
    /// Begins like a command but names none.
    case commandUnknown

    /// The word for it on the wire.
    var code: String {
        switch self {
        case .checkDigitWrong: "check_digit_wrong"
        case .elementStringWrong: "element_string_wrong"
        case .ssccElsewhere: "sscc_elsewhere"
        case .separatorMaybeLost: "separator_maybe_lost"
        case .commandUnknown: "command_unknown"
        }
    }
}

/// Reads a code. `today` decides the century of dates; `layouts` say how this site divides the
/// numbers of its scales.
///
/// A text that says itself that it is GS1 data — by prefix, bracket or group separator — is
/// refused when it is wrong. Any other text stays at least a text, so that it can be looked up
/// or parked.
func read(
    _ raw: String, today: BusinessDay, layouts: [RestrictedLayout] = []
) throws(ReadingRefusal) -> Reading {
    let cleaned = try CleanedCode(raw)
    var reader = CodeReader(cleaned: cleaned, today: today, layouts: layouts)
    return try reader.reading()
}

/// Collects the candidates of one code.
private struct CodeReader {
    let cleaned: CleanedCode
    let today: BusinessDay
    let layouts: [RestrictedLayout]
    var candidates: [CodeCandidate] = []
    var notes: [ReadingNote] = []

    var ascii: [UInt8] { cleaned.ascii }

    mutating func reading() throws(ReadingRefusal) -> Reading {
        switch cleaned.prefix {
        case .gs1: try readMarkedElements()
        case .retail, .ean8, .retailWithAddOn: try readRetail()
        case .checkedITF: try readCheckedITF()
        case .plain, nil: try readUnmarked()
        }
        add(.text, .text(cleaned.text))
        return Reading(
            text: cleaned.text, prefix: cleaned.prefix, candidates: candidates, notes: notes)
    }

    private mutating func add(_ symbol: CodeSymbol, _ meaning: CodeCandidate.Meaning) {
        let candidate = CodeCandidate(symbol: symbol, meaning: meaning)
        if !candidates.contains(candidate) { candidates.append(candidate) }
    }

    private mutating func add(_ symbol: CodeSymbol, elements: [CodeElement]) {
        add(symbol, .elements(elements))
        let codes = elements.map(\.identifier)
        if codes.contains("02"), !codes.contains("00") { note(.ssccElsewhere) }
        if symbol == .gs1, LostSeparator.isPossible(in: elements, today: today) {
            note(.separatorMaybeLost)
        }
    }

    private mutating func note(_ note: ReadingNote) {
        if !notes.contains(note) { notes.append(note) }
    }

    // MARK: Texts that say what they are

    private mutating func readMarkedElements() throws(ReadingRefusal) {
        guard !ascii.isEmpty else { throw .charset(identifier: "") }
        if ElementString.isBracketed(ascii) {
            let elements = try ElementString.bracketedElements(of: ascii, today: today)
            add(.gs1, elements: elements)
            return
        }
        add(.gs1, elements: try ElementString.reading(of: ascii, today: today))
    }

    private mutating func readRetail() throws(ReadingRefusal) {
        guard !ascii.isEmpty, ascii.allSatisfy(\.isDigit) else {
            throw .charset(identifier: CodeSymbol.ean13.rawValue)
        }
        let isLong = cleaned.prefix == .retailWithAddOn && [15, 18].contains(ascii.count)
        let number = isLong ? ascii[..<13] : ascii[...]
        readNumber(number, allowed: [8, 12, 13])
        if candidates.isEmpty {
            let symbol = cleaned.prefix == .ean8 ? CodeSymbol.ean8 : .ean13
            if [8, 12, 13].contains(number.count) {
                throw .checkDigit(identifier: symbol.rawValue, value: number.asText)
            }
            throw .length(identifier: symbol.rawValue)
        }
    }

    private mutating func readCheckedITF() throws(ReadingRefusal) {
        guard ascii.count == 14, ascii.allSatisfy(\.isDigit) else { return try readUnmarked() }
        guard let gtin = GTIN(ascii) else {
            throw .checkDigit(identifier: CodeSymbol.itf14.rawValue, value: cleaned.text)
        }
        add(.itf14, .item(gtin))
    }

    // MARK: Texts that may be anything

    private mutating func readUnmarked() throws(ReadingRefusal) {
        guard !ascii.isEmpty, !cleaned.isEnvelope else { return }
        if let own = OwnCode(ascii) {
            switch own {
            case .place: add(.place, .own(own))
            case .command: add(.command, .own(own))
            }
        } else if OwnCode.looksLikeCommand(ascii) {
            note(.commandUnknown)
        } else if ElementString.isBracketed(ascii) || ascii.contains(ElementString.separator) {
            try readMarkedElements()
        } else if DigitalLink.isAddress(ascii) {
            readAddress()
        } else if ascii.allSatisfy(\.isDigit), [8, 12, 13, 14, 18].contains(ascii.count) {
            readNumber(ascii[...], allowed: [8, 12, 13, 14, 18])
            if candidates.isEmpty { note(.checkDigitWrong) }
        } else {
            readUnmarkedElements()
        }
    }

    /// All numbers with a check digit that `number` can be.
    private mutating func readNumber(_ number: ArraySlice<UInt8>, allowed: Set<Int>) {
        guard allowed.contains(number.count) else { return }
        if number.count == 18, let sscc = SSCC(number) { add(.sscc, .sscc(sscc)) }
        if let gtin = GTIN(number) {
            readRestricted(gtin, count: number.count)
            let symbols: [Int: CodeSymbol] = [8: .ean8, 12: .upcA, 13: .ean13, 14: .itf14]
            if let symbol = symbols[number.count] { add(symbol, .item(gtin)) }
        }
        if cleaned.prefix != .ean8, let long = UPCE.expanded(number), let gtin = GTIN(long) {
            add(.upcE, .item(gtin))
        }
    }

    private mutating func readRestricted(_ gtin: GTIN, count: Int) {
        guard count >= 12, let number = RestrictedNumber(gtin) else { return }
        let divided = layouts.compactMap { number.divided(by: $0) }
        for number in divided { add(.restricted, .restricted(number)) }
        if divided.isEmpty { add(.restricted, .restricted(number)) }
    }

    private mutating func readAddress() {
        do throws(ReadingRefusal) {
            if let elements = try DigitalLink.elements(of: ascii, today: today) {
                add(.digitalLink, elements: elements)
            }
        } catch {
            noteFailure(error)
        }
    }

    /// Without a mark, a right check digit must prove that the text is an element string.
    private mutating func readUnmarkedElements() {
        let isProof = { (element: CodeElement) -> Bool in
            ApplicationIdentifier.named(element.identifier)?.hasCheckDigit ?? false
        }
        do throws(ReadingRefusal) {
            let elements = try ElementString.reading(of: ascii, today: today)
            if elements.contains(where: isProof) { add(.gs1, elements: elements) }
        } catch {
            let text = ElementString.variants(of: ascii).first ?? ascii
            guard let start = KeyStart(text) else { return }
            if start.fits { noteFailure(error) } else { note(.checkDigitWrong) }
        }
    }

    private mutating func noteFailure(_ refusal: ReadingRefusal) {
        if case .checkDigit = refusal { return note(.checkDigitWrong) }
        note(.elementStringWrong(refusal))
    }
}

/// The number with check digit that a text begins with, whatever follows.
private struct KeyStart {
    let fits: Bool

    /// Nil when the text does not begin with an identifier whose data is a fixed number.
    init?(_ text: [UInt8]) {
        let body = text.drop { $0 == ElementString.separator }
        guard let identifier = ApplicationIdentifier.match(body),
            case .key(let length) = identifier.format
        else { return nil }
        let data = body.dropFirst(identifier.code.utf8.count).prefix(length)
        guard data.count == length, data.allSatisfy(\.isDigit) else { return nil }
        fits = CheckDigit.fits(data)
    }
}

/// A device that swallows separators glues the next element to a lot or serial.
private enum LostSeparator {
    /// True when the last data of free length ends in a date element that could be one of its
    /// own. Only dates are looked for: every other element fits too many honest lots.
    static func isPossible(in elements: [CodeElement], today: BusinessDay) -> Bool {
        guard let last = elements.last, ["10", "21", "22"].contains(last.identifier) else {
            return false
        }
        let tail = Array(last.data.utf8.suffix(8))
        guard last.data.utf8.count > 8, tail.count == 8,
            ["11", "13", "15", "16", "17"].contains(tail[..<2].asText),
            !elements.contains(where: { $0.identifier == tail[..<2].asText })
        else { return false }
        return GS1Date.day(tail[2...], today: today, allowsMonthEnd: true) != nil
    }
}
