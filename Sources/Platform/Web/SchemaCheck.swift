// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

extension Schema {
    /// Every fault of shape in `value`: all unknown and missing names and all wrong types at once,
    /// so that a client mends its request in one round.
    ///
    /// With `looksIntoLeaves` the lengths, choices and ranges of leaves are compared too; that is
    /// done only after a leaf was refused, to find its fellows.
    func faults(in value: JSON, isTextual: Bool, looksIntoLeaves: Bool) -> [WireFault] {
        var check = SchemaCheck(isTextual: isTextual, looksIntoLeaves: looksIntoLeaves)
        check.look(at: value, self)
        return check.faults
    }
}

private struct SchemaCheck {
    /// More are of no use to anybody and would make the answer larger than the question.
    static let faultsMax = 50

    let isTextual: Bool
    let looksIntoLeaves: Bool
    var faults: [WireFault] = []
    var path: [String] = []

    init(isTextual: Bool, looksIntoLeaves: Bool) {
        self.isTextual = isTextual
        self.looksIntoLeaves = looksIntoLeaves
    }

    mutating func fault(_ code: String) {
        guard faults.count < Self.faultsMax else { return }
        faults.append(WireFault(code, path: path))
    }

    mutating func look(at value: JSON, _ schema: Schema) {
        if value == .null {
            if schema.isNullable || schema.shape == .anything { return }
            return fault("wrong_type")
        }
        switch schema.shape {
        case .anything: return
        case .text(let rule): text(value, rule)
        case .unboundedText: text(value, nil)
        case .integer(let range): integer(value, range)
        case .unboundedInteger: integer(value, Int64.min...Int64.max)
        case .flag: flag(value)
        case .number: fault("wrong_type")
        case .list(let element, let most): list(value, of: element, most: most)
        case .map(let inner): map(value, of: inner)
        case .record(_, let fields): record(value, fields)
        }
    }

    private mutating func text(_ value: JSON, _ rule: Schema.TextRule?) {
        guard case .text(let text) = value else { return fault("wrong_type") }
        guard looksIntoLeaves, let rule else { return }
        let count = text.unicodeScalars.count
        if !rule.choices.isEmpty && !rule.choices.contains(text) {
            fault("not_a_choice")
        } else if count < rule.least {
            fault(count == 0 ? "empty" : "too_short")
        } else if count > rule.most {
            fault("too_long")
        }
    }

    private mutating func integer(_ value: JSON, _ range: ClosedRange<Int64>) {
        switch value {
        case .integer(let number):
            if looksIntoLeaves && !range.contains(number) { fault("out_of_range") }
        case .text(let text) where isTextual && Int64(text) != nil: return
        case .decimal(let text) where !text.utf8.contains(UInt8(ascii: ".")): fault("out_of_range")
        default: fault("wrong_type")
        }
    }

    private mutating func flag(_ value: JSON) {
        switch value {
        case .flag: return
        case .text("true") where isTextual, .text("false") where isTextual: return
        default: fault("wrong_type")
        }
    }

    private mutating func list(_ value: JSON, of element: Schema, most: Int) {
        guard case .list(let elements) = value else { return fault("wrong_type") }
        guard elements.count <= most else { return fault("too_many") }
        for (index, inner) in elements.enumerated() {
            path.append(String(index))
            look(at: inner, element)
            path.removeLast()
        }
    }

    private mutating func map(_ value: JSON, of element: Schema) {
        guard case .record(let members) = value else { return fault("wrong_type") }
        for member in members {
            path.append(member.name)
            look(at: member.value, element)
            path.removeLast()
        }
    }

    private mutating func record(_ value: JSON, _ fields: [Schema.Field]) {
        guard case .record(let members) = value else { return fault("wrong_type") }
        var known = 0
        for field in fields {
            path.append(field.name)
            if let member = members.first(where: { $0.name == field.name }) {
                known += 1
                if member.value != .null || field.isRequired {
                    look(at: member.value, field.schema)
                }
            } else if field.isRequired {
                fault("missing")
            }
            path.removeLast()
        }
        guard known < members.count else { return }
        for member in members where !fields.contains(where: { $0.name == member.name }) {
            path.append(member.name)
            fault("unknown")
            path.removeLast()
        }
    }
}
