// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Testing

@testable import Scanning

/// Single rules of reading a code, beside the corpus.
struct ReadingTests {
    let today: BusinessDay

    init() throws {
        today = try BusinessDay(year: 2026, month: 11, day: 23)
    }

    private func reading(_ code: String) throws -> Reading { try read(code, today: today) }

    private func refusal(of code: String) -> ReadingRefusal? {
        do throws(ReadingRefusal) {
            _ = try read(code, today: today)
            return nil
        } catch {
            return error
        }
    }

    @Test func `the reference vector gives number, expiry, lot and count`() throws {
        let body = "010950600013435217261200" + "10LOT7\u{1D}3024"
        let forms =
            ["]C1", "]d2", "]Q3", "]e0", "\u{1D}", ""].map { $0 + body }
            + ["<GS>", "{GS}", "Alt029", "#", "~1", "^]"].map {
                body.replacing("\u{1D}", with: $0)
            }
            + ["(01)09506000134352(17)261200(10)LOT7(30)24"]
        for form in forms {
            let candidate = try #require(try reading(form).candidates.first)
            #expect(candidate.symbol == .gs1, "\(form.debugDescription)")
            #expect(candidate.gtin?.digits == "09506000134352")
            #expect(candidate.expiry == (try BusinessDay(year: 2026, month: 12, day: 31)))
            #expect(candidate.lot == "LOT7")
            #expect(candidate.count == 24)
        }
    }

    @Test func `the keys of the reference vectors carry right check digits`() {
        #expect(GTIN(text: "09506000134352") != nil)
        #expect(GTIN(text: "19506000134359")?.indicator == 1)
        #expect(GTIN(text: "6901234567892") == GTIN(text: "06901234567892"))
        #expect(GTIN(text: "16901234567899") != nil)
        #expect(SSCC(Array("006930123456789016".utf8)) != nil)
        #expect(GTIN(text: "6901234567891") == nil)
    }

    @Test func `a net weight keeps its decimals`() throws {
        let candidate = try #require(
            try reading("]C101" + "99506000134355" + "3103001250").candidates.first)
        let weight = try #require(candidate.netWeight)
        #expect(weight.quantity == (try Quantity(units: 1250, scale: 3)))
        #expect(weight.quantity.decimal == "1.250")
        #expect(weight.unit == "kg")
        #expect(candidate.gtin?.isVariableMeasure == true)
    }

    @Test func `an expiry without a number is refused with what it needs`() {
        #expect(
            refusal(of: "]C117261200")
                == .pairMissing(identifier: "17", needs: ["01", "02", "255", "8006", "8026"]))
    }

    @Test func `the own number and the content number do not stand on one code`() {
        let number = "09506000134352"
        #expect(
            refusal(of: "]C101\(number)02\(number)3705")
                == .pairForbidden(identifier: "01", other: "02"))
    }

    @Test func `eight digits that fit two symbols stay two candidates`() throws {
        let both = (1_000_000...1_999_999).lazy.map(String.init).compactMap { payload -> String? in
            guard let digit = CheckDigit.standard(Array(payload.utf8)) else { return nil }
            let code = payload + [digit].asText
            return UPCE.expanded(Array(code.utf8)) == nil ? nil : code
        }.first
        let ambiguous = try read(try #require(both), today: today)
        #expect(ambiguous.candidates.map(\.symbol) == [.ean8, .upcE, .text])
        #expect(ambiguous.isAmbiguous)
    }

    @Test func `a lower-case serial keeps its letters and a number keeps its zeros`() throws {
        let candidate = try #require(
            try reading("]d2010950600013435221ab00Cd\u{1D}10007").candidates.first)
        #expect(candidate.serial == "ab00Cd")
        #expect(candidate.lot == "007")
    }

    @Test func `a lot that holds the digits of an identifier stays one lot`() throws {
        let candidate = try #require(
            try reading("]C10109506000134352101017AB\u{1D}17261231").candidates.first)
        #expect(candidate.lot == "1017AB")
    }

    @Test func `the code of a place and a command are typed`() throws {
        #expect(try reading("%PA-03-2").candidates[0].meaning == .own(.place("A-03-2")))
        #expect(try reading("%CX12").candidates[0].meaning == .own(.command(.times(12))))
        #expect(try reading("%CUNDO").candidates[0].meaning == .own(.command(.undo)))
        #expect(OwnCode.command(.times(12)).printed == "%CX12")
        #expect(OwnCode.place("A-03").printed == "%PA-03")
        for text in ["%CUNDO", "%CNEXT", "%CFINISH", "%CLOOKUP", "%CX7", "%PA-1"] {
            #expect(OwnCode(Array(text.utf8))?.printed == text)
        }
    }

    @Test func `the verifier of a price follows the examples of the standard`() {
        #expect(CheckDigit.verifier(ofValue: Array("2875".utf8)) == UInt8(ascii: "9"))
        #expect(CheckDigit.verifier(ofValue: Array("14685".utf8)) == UInt8(ascii: "6"))
    }

    @Test func `a layout divides the number of a scale and a wrong verifier leaves it whole`()
        throws
    {
        let weight = try #require(
            RestrictedLayout(
                prefix: "21", itemDigits: 5, hasVerifier: false, valueDigits: 5,
                content: .weight(unit: "kg", decimals: 3)))
        let price = try #require(
            RestrictedLayout(
                prefix: "22", itemDigits: 5, hasVerifier: true, valueDigits: 4,
                content: .price(decimals: 2)))
        let scale = try read("2112345012506", today: today, layouts: [weight, price])
        let first = try #require(scale.candidates.first)
        #expect(first.symbol == .restricted)
        #expect(first.netWeight?.quantity == (try Quantity(units: 1250, scale: 3)))
        #expect(first.gtin?.digits.hasPrefix("0211234500000") == true)
        #expect(scale.candidates.map(\.symbol) == [.restricted, .ean13, .text])

        for (verifier, divides) in [("9", true), ("8", false)] {
            let payload = Array(("2212345" + verifier + "2875").utf8)
            let code = payload + [try #require(CheckDigit.standard(payload))]
            let reading = try read(code.asText, today: today, layouts: [weight, price])
            guard case .restricted(let number) = reading.candidates[0].meaning else {
                Issue.record("not restricted")
                continue
            }
            #expect((number.parts != nil) == divides)
            if let parts = number.parts {
                #expect(
                    parts.value == .price(CodePrice(amount: 2875, decimals: 2, currency: nil)))
                #expect(parts.item == "12345")
            }
        }
    }

    @Test func `a layout that does not make thirteen digits does not exist`() {
        for (item, verifier, value) in [(5, true, 5), (4, false, 5), (6, false, 5), (7, true, 2)] {
            #expect(
                RestrictedLayout(
                    prefix: "20", itemDigits: item, hasVerifier: verifier, valueDigits: value,
                    content: .count) == nil)
        }
        #expect(
            RestrictedLayout(
                prefix: "69", itemDigits: 5, hasVerifier: false, valueDigits: 5, content: .count)
                == nil)
    }

    @Test func `a short retail number expands in each of its six shapes`() {
        let shapes = [
            "01234505": "012000003455", "01234514": "012100003454", "01234523": "012200003453",
            "01234531": "012300000451", "01234543": "012340000053", "01234558": "012345000058",
            "01234565": "012345000065", "01234592": "012345000096",
        ]
        for (short, long) in shapes {
            let payload = Array(long.utf8.dropLast())
            let digit = CheckDigit.standard(payload)
            let code = Array(short.utf8.dropLast()) + [digit ?? 0]
            #expect(UPCE.expanded(code) == payload + [digit ?? 0], "\(short)")
        }
        #expect(UPCE.expanded(Array("21234565".utf8)) == nil)
    }

    @Test func `every code of the table is found by itself and is the start of no other`() {
        let codes = ApplicationIdentifier.all.map(\.code)
        #expect(Set(codes).count == codes.count)
        for code in codes {
            #expect(ApplicationIdentifier.named(code)?.code == code)
            #expect(!codes.contains { $0 != code && $0.hasPrefix(code) }, "\(code)")
        }
        for pattern in ApplicationIdentifier.all.flatMap({ $0.requires.joined() + $0.excludes }) {
            #expect(
                codes.contains { ApplicationIdentifier.pattern(pattern, means: $0) }, "\(pattern)")
        }
    }

    @Test func `a refusal names its code, its field and its facts`() throws {
        let refusal = ReadingRefusal.checkDigit(identifier: "01", value: "1")
        #expect(refusal.kind == .invalid)
        #expect(refusal.pointers == [Pointer(path: "/code", code: "scan.check_digit")])
        #expect(refusal.parameters["identifier"] == .text("01"))
    }

    @Test func `a bracket inside a lot is data when it is escaped`() throws {
        let candidate = try #require(
            try reading("(01)09506000134352(10)A\\(17)B").candidates.first)
        #expect(candidate.lot == "A(17)B")
    }

    @Test func `the names to look up are each given once, the text last`() throws {
        let number = "09506000134352"
        #expect(
            try reading("6901234567892").lookups
                == [CodeLookup(text: "6901234567892", gtin: "06901234567892")])
        #expect(
            try reading("(01)\(number)(10)A").lookups
                == [
                    CodeLookup(text: number, gtin: number),
                    CodeLookup(text: "(01)\(number)(10)A", gtin: nil),
                ])
        #expect(
            try reading("01234565").lookups.map(\.gtin) == ["00000001234565", "00012345000065"])
        #expect(try reading("ABC").lookups == [CodeLookup(text: "ABC", gtin: nil)])
        #expect(try reading("%PA-1").placeCode == "A-1")
        #expect(try reading("%CX3").command == .times(3))
    }

    @Test func `a pallet says its content and how many`() throws {
        let reading = try reading("]C100006930123456789016" + "0209506000134352" + "3712")
        #expect(reading.sscc?.digits == "006930123456789016")
        #expect(reading.contentGTIN?.digits == "09506000134352")
        #expect(reading.count == 12)
        #expect(!reading.lookups.contains { $0.gtin != nil })
    }
}
