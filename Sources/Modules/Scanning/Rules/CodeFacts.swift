// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// What the room asks of a reading.
extension Reading {
    var lot: String? { elementCandidate?.lot }
    var serial: String? { elementCandidate?.serial }
    var expiry: BusinessDay? { elementCandidate?.expiry }

    /// How many the code itself says, of the item (30) or of the content (37).
    var count: Int64? { candidates.lazy.compactMap(\.count).first }

    /// What lies inside the pallet or box; `count` says how many.
    var contentGTIN: GTIN? { elementCandidate?.contentGTIN }

    var sscc: SSCC? { candidates.lazy.compactMap(\.sscc).first }

    var command: CommandCode? {
        guard case .own(.command(let command))? = candidates.first?.meaning else { return nil }
        return command
    }

    /// The code of a place, without what marks it as one.
    var placeCode: String? {
        guard case .own(.place(let code))? = candidates.first?.meaning else { return nil }
        return code
    }

    /// What a packaging is given when somebody says what this code is: the number of the goods
    /// where there is one, so that the next lot of them is known too, else the text.
    var attachable: String {
        if let known = lookups.first(where: { $0.gtin != nil }) { return known.text }
        return contentGTIN?.digits ?? text
    }

    /// Everything that the catalogue may know the code by, each text once, the text itself last.
    /// The content of a pallet is not among them: one scan of it is not one piece.
    var lookups: [CodeLookup] {
        var lookups: [CodeLookup] = []
        for candidate in candidates {
            let lookup: CodeLookup
            switch candidate.meaning {
            case .item(let gtin): lookup = CodeLookup(text: text, gtin: gtin.digits)
            case .elements:
                guard let gtin = candidate.gtin else { continue }
                lookup = CodeLookup(text: gtin.digits, gtin: gtin.digits)
            case .restricted(let number):
                guard let gtin = number.parts?.itemNumber else { continue }
                lookup = CodeLookup(text: String(gtin.digits.dropFirst()), gtin: gtin.digits)
            case .text:
                guard !lookups.contains(where: { $0.text == text }) else { continue }
                lookup = CodeLookup(text: text, gtin: nil)
            case .sscc, .own: continue
            }
            lookups.append(lookup)
        }
        return lookups
    }
}

/// One name under which the catalogue may know what was scanned.
struct CodeLookup: Hashable, Sendable {
    let text: String
    /// 14 digits, when the interpretation is an item number.
    let gtin: String?
}

/// What the room asks of a candidate, whatever kind of code it came from.
extension CodeCandidate {
    /// The item that the code stands on.
    var gtin: GTIN? {
        switch meaning {
        case .item(let gtin): gtin
        case .restricted(let number): number.parts?.itemNumber ?? GTIN(text: number.digits)
        case .elements: numberOfItem("01")
        case .sscc, .own, .text: nil
        }
    }

    /// The item inside the pallet or box that the code stands on.
    var contentGTIN: GTIN? { numberOfItem("02") }

    var sscc: SSCC? {
        if case .sscc(let sscc) = meaning { return sscc }
        if case .sscc(let sscc)? = value("00") { return sscc }
        return nil
    }

    var lot: String? { element("10")?.data }
    var serial: String? { element("21")?.data }

    /// The last day of use: 17, or the day of 7003.
    var expiry: BusinessDay? {
        if let day = day("17") { return day }
        if case .moment(let moment)? = value("7003") { return moment.day }
        return nil
    }

    var bestBefore: BusinessDay? { day("15") }
    var produced: BusinessDay? { day("11") }

    /// How many: 30, the count of items inside (37), or what a scale printed.
    var count: Int64? {
        if case .count(let count)? = value("30") ?? value("37") { return count }
        if case .restricted(let number) = meaning, case .count(let count)? = number.parts?.value {
            return count
        }
        return nil
    }

    /// Net weight and its unit, from 310n or 320n or a scale.
    var netWeight: (quantity: Quantity, unit: String)? {
        for element in elements {
            let isWeight =
                element.identifier.hasPrefix("310") || element.identifier.hasPrefix("320")
            if isWeight, case .measure(let quantity, let unit) = element.value {
                return (quantity, unit)
            }
        }
        if case .restricted(let number) = meaning,
            case .weight(let quantity, let unit)? = number.parts?.value
        {
            return (quantity, unit)
        }
        return nil
    }

    /// The elements of a GS1 code, empty for the other kinds.
    var elements: [CodeElement] {
        if case .elements(let elements) = meaning { return elements }
        return []
    }

    /// The element of one identifier.
    func element(_ identifier: String) -> CodeElement? {
        elements.first { $0.identifier == identifier }
    }

    private func value(_ identifier: String) -> ElementValue? { element(identifier)?.value }

    private func numberOfItem(_ identifier: String) -> GTIN? {
        if case .gtin(let gtin)? = value(identifier) { return gtin }
        return nil
    }

    private func day(_ identifier: String) -> BusinessDay? {
        if case .day(let day)? = value(identifier) { return day }
        return nil
    }
}
