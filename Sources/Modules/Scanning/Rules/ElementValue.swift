// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// One identifier of an element string with its data, as read and as understood.
struct CodeElement: Hashable, Sendable {
    /// The application identifier: `10`.
    let identifier: String
    /// The data as it stands in the code: `LOT7`.
    let data: String
    let value: ElementValue
}

/// What the data of one identifier means.
enum ElementValue: Hashable, Sendable {
    case gtin(GTIN)
    case sscc(SSCC)
    /// A place or company number of 13 digits, check digit right.
    case location(String)
    /// Another number with a right check digit: shipment, asset, coupon, piece of an item.
    case key(String)
    /// Digits that are a name, not a number: leading zeros count.
    case digits(String)
    /// Letters keep their case.
    case text(String)
    case day(BusinessDay)
    case moment(CodeMoment)
    case count(Int64)
    /// `unit` is `kg`, `m`, `m2`, `l`, `m3`, `lb`, `in`, `ft`, `yd` and the like.
    case measure(Quantity, unit: String)
    case price(CodePrice)
    /// Countries as three digits of ISO 3166, and what stands behind the first.
    case countries([String], tail: String)
}

/// A day with a time of the day, in the time of whoever printed the code.
struct CodeMoment: Hashable, Sendable {
    let day: BusinessDay
    let hour: Int
    let minute: Int
    let second: Int
}

/// A price as printed: the amount in units of 10⁻ᵈᵉᶜⁱᵐᵃˡˢ of the currency.
struct CodePrice: Hashable, Sendable {
    let amount: Int64
    /// 0…9.
    let decimals: Int
    /// Three digits of ISO 4217, nil when the code leaves it to the country.
    let currency: String?
}

extension CodeElement {
    /// Checks length, characters, check digit and date of the data of one identifier.
    init(
        _ identifier: ApplicationIdentifier, data: ArraySlice<UInt8>, today: BusinessDay
    ) throws(ReadingRefusal) {
        let code = identifier.code
        guard identifier.lengths.contains(data.count) else { throw .length(identifier: code) }
        self.identifier = code
        self.data = data.asText
        value = try Self.value(identifier, data, today: today)
    }

    private static func value(
        _ identifier: ApplicationIdentifier, _ data: ArraySlice<UInt8>, today: BusinessDay
    ) throws(ReadingRefusal) -> ElementValue {
        let code = identifier.code
        switch identifier.format {
        case .key:
            return try key(code, data)
        case .longKey(let filler, let length, _, let alphabet):
            let number = data.dropFirst(filler ? 1 : 0).prefix(length)
            try require(data.prefix(filler ? length + 1 : length), in: .digits, code)
            try require(data, in: alphabet, code)
            guard CheckDigit.fits(number), !filler || data.first == .digitZero else {
                throw .checkDigit(identifier: code, value: data.asText)
            }
            return .key(data.asText)
        case .digits:
            try require(data, in: .digits, code)
            return .digits(data.asText)
        case .text(_, let alphabet):
            try require(data, in: alphabet, code)
            return .text(data.asText)
        case .date:
            return .day(try day(data, code, today: today, allowsMonthEnd: true))
        case .minute, .second:
            return .moment(try moment(data, code, today: today))
        case .count:
            return .count(try number(data, code))
        case .measure(let unit):
            let units = try number(data, code)
            guard let quantity = try? Quantity(units: units, scale: identifier.decimals) else {
                throw .length(identifier: code)
            }
            return .measure(quantity, unit: unit)
        case .price(let currency, _):
            try require(data, in: .digits, code)
            let amount = try number(data.dropFirst(currency ? 3 : 0), code)
            return .price(
                CodePrice(
                    amount: amount, decimals: identifier.decimals,
                    currency: currency ? data.prefix(3).asText : nil))
        case .country:
            try require(data.prefix(3), in: .digits, code)
            try require(data, in: .set82, code)
            return .countries([data.prefix(3).asText], tail: data.dropFirst(3).asText)
        case .countries:
            return try countries(data, code)
        }
    }

    private static func key(
        _ code: String, _ data: ArraySlice<UInt8>
    ) throws(ReadingRefusal) -> ElementValue {
        try require(data, in: .digits, code)
        guard CheckDigit.fits(data) else {
            throw .checkDigit(identifier: code, value: data.asText)
        }
        if let gtin = GTIN(data), code == "01" || code == "02" { return .gtin(gtin) }
        if let sscc = SSCC(data), code == "00" { return .sscc(sscc) }
        return data.count == 13 ? .location(data.asText) : .key(data.asText)
    }

    private static func countries(
        _ data: ArraySlice<UInt8>, _ code: String
    ) throws(ReadingRefusal) -> ElementValue {
        try require(data, in: .digits, code)
        guard data.count % 3 == 0 else { throw .length(identifier: code) }
        let list = stride(from: data.startIndex, to: data.endIndex, by: 3).map {
            data[$0..<($0 + 3)].asText
        }
        return .countries(list, tail: "")
    }

    private static func number(
        _ data: ArraySlice<UInt8>, _ code: String
    ) throws(ReadingRefusal) -> Int64 {
        try require(data, in: .digits, code)
        guard let number = data.asNumber else { throw .length(identifier: code) }
        return number
    }

    private static func day(
        _ data: ArraySlice<UInt8>, _ code: String, today: BusinessDay, allowsMonthEnd: Bool
    ) throws(ReadingRefusal) -> BusinessDay {
        try require(data, in: .digits, code)
        guard let day = GS1Date.day(data, today: today, allowsMonthEnd: allowsMonthEnd) else {
            throw .dateInvalid(identifier: code, value: data.asText)
        }
        return day
    }

    private static func moment(
        _ data: ArraySlice<UInt8>, _ code: String, today: BusinessDay
    ) throws(ReadingRefusal) -> CodeMoment {
        try require(data, in: .digits, code)
        guard data.count % 2 == 0 else { throw .length(identifier: code) }
        let day = try day(data.prefix(6), code, today: today, allowsMonthEnd: false)
        var parts = [0, 0, 0]
        for index in 0..<((data.count - 6) / 2) {
            let start = data.startIndex + 6 + index * 2
            parts[index] = data[start].digitValue * 10 + data[start + 1].digitValue
        }
        guard parts[0] <= 23, parts[1] <= 59, parts[2] <= 59 else {
            throw .dateInvalid(identifier: code, value: data.asText)
        }
        return CodeMoment(day: day, hour: parts[0], minute: parts[1], second: parts[2])
    }

    private static func require(
        _ data: ArraySlice<UInt8>, in alphabet: ApplicationIdentifier.Alphabet, _ code: String
    ) throws(ReadingRefusal) {
        guard data.allSatisfy(alphabet.contains) else { throw .charset(identifier: code) }
    }
}
