// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Testing

@testable import Scanning

/// What holds for every code, tried on random ones.
struct ReadingPropertyTests {
    static let set82 = Array(
        "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")
    static let prefixes = ["]C1", "]d2", "]Q3", "]e0", "]e1", "]J1"]
    static let separators = ["\u{1D}", "<GS>", "{GS}", "Alt029", "#", "~1", "^]"]

    let today: BusinessDay
    let seed: UInt64

    init() throws {
        today = try BusinessDay(year: 2026, month: 11, day: 23)
        let given = ProcessInfo.processInfo.environment["SLUICE_SEED"]
        seed = given.flatMap(UInt64.init) ?? UInt64.random(in: 0...UInt64.max)
    }

    private func digits(_ count: Int, _ dice: inout SeededDice) -> String {
        String((0..<count).map { _ in "0123456789".randomElement(using: &dice) ?? "0" })
    }

    /// A number with check digit, computed from the left.
    private func key(_ length: Int, _ dice: inout SeededDice) -> String {
        let payload = digits(length - 1, &dice)
        let weights = length.isMultiple(of: 2) ? [3, 1] : [1, 3]
        let sum = payload.enumerated().reduce(0) { sum, digit in
            sum + (digit.element.wholeNumberValue ?? 0) * weights[digit.offset % 2]
        }
        return payload + String((10 - sum % 10) % 10)
    }

    private func data(
        _ identifier: ApplicationIdentifier, _ dice: inout SeededDice
    ) -> String {
        let length = Int.random(in: identifier.lengths, using: &dice)
        switch identifier.format {
        case .key(let length): return key(length, &dice)
        case .longKey(let filler, let number, let tail, _):
            let rest = digits(Int.random(in: tail, using: &dice), &dice)
            return (filler ? "0" : "") + key(number, &dice) + rest
        case .digits, .count, .measure, .price: return digits(length, &dice)
        case .date: return digits(2, &dice) + ["0100", "0215", "1231"].randomElement(using: &dice)!
        case .minute: return digits(2, &dice) + "04302359"
        case .second: return digits(2, &dice) + ["043023", "04302300"].randomElement(using: &dice)!
        case .country(let tail): return "156" + digits(tail.lowerBound, &dice)
        case .countries: return "156392"
        case .text(let lengths, let alphabet):
            let pool = Self.set82.filter { alphabet.contains($0.asciiValue ?? 0) }
            let length = Int.random(in: lengths, using: &dice)
            return String((0..<length).compactMap { _ in pool.randomElement(using: &dice) })
        }
    }

    /// Random elements that may stand together: partners are added, rivals left out.
    private func pairs(_ dice: inout SeededDice) -> [(String, String)] {
        var codes = [["01"], ["02", "37"], ["00"], ["00", "02", "37"], ["414"]]
            .randomElement(using: &dice)!
        for _ in 0..<Int.random(in: 0...6, using: &dice) {
            guard let next = ApplicationIdentifier.all.randomElement(using: &dice) else { continue }
            let fits = (codes + [next.code]).allSatisfy { code in
                guard let identifier = ApplicationIdentifier.named(code) else { return false }
                let others = (codes + [next.code]).filter { $0 != code }
                func has(_ pattern: String) -> Bool {
                    others.contains { ApplicationIdentifier.pattern(pattern, means: $0) }
                }
                return identifier.requires.allSatisfy { $0.contains(where: has) }
                    && !identifier.excludes.contains(where: has)
            }
            if fits, !codes.contains(next.code) { codes.append(next.code) }
        }
        return codes.shuffled(using: &dice).map { code in
            (code, ApplicationIdentifier.named(code).map { data($0, &dice) } ?? "")
        }
    }

    @Test func `what is printed is what is read, in every separator and prefix`() throws {
        print("seed \(seed)")
        var dice = SeededDice(seed: seed)
        var count = 0
        while count < 20_000 {
            let pairs = pairs(&dice)
            let separator = Self.separators.randomElement(using: &dice)!
            let separated = ReadingPrinting.element(pairs, separator: separator)
            let prefix = Self.prefixes.randomElement(using: &dice)!
            let text =
                Int.random(in: 0..<4, using: &dice) == 0
                ? ReadingPrinting.bracketed(pairs) : prefix + separated
            guard text.count <= 128 else { continue }
            count += 1
            let reading = try read(text, today: today)
            let elements = reading.candidates[0].elements
            #expect(
                elements.map { "\($0.identifier) \($0.data)" } == pairs.map { "\($0) \($1)" },
                "\(text.debugDescription) seed \(seed)")
            #expect(reading.candidates.last?.symbol == .text)
        }
    }

    @Test func `one wrong digit in a number is never read as the number`() throws {
        print("seed \(seed)")
        var dice = SeededDice(seed: seed)
        for _ in 0..<20_000 {
            let length = [8, 12, 13, 14, 18].randomElement(using: &dice)!
            var number = Array(key(length, &dice))
            #expect(CheckDigit.fits(String(number).utf8))
            let index = Int.random(in: 0..<length, using: &dice)
            let old = number[index].wholeNumberValue ?? 0
            number[index] = Character(
                String((old + Int.random(in: 1...9, using: &dice)) % 10))
            #expect(!CheckDigit.fits(String(number).utf8), "\(String(number)) seed \(seed)")
            #expect(GTIN(text: String(number)) == nil)
        }
    }

    @Test func `no input crashes the reader, and the text is always the last candidate`() throws {
        print("seed \(seed)")
        var dice = SeededDice(seed: seed)
        let corpus = try ReadingCorpusTests.vectors().map(\.code)
        let parts =
            Self.separators + Self.prefixes + ["01", "10", "17", "(01)", "(10)", "%", "%C", "]"]
            + ["https://a/01/", "?17=", "\r", "\u{0}", "字", "０", "【", "*", " ", "\\", "\u{FEFF}"]
        let layouts = [
            RestrictedLayout(
                prefix: "21", itemDigits: 5, hasVerifier: false, valueDigits: 5,
                content: .weight(unit: "kg", decimals: 3))
        ].compactMap { $0 }
        let given = ProcessInfo.processInfo.environment["SLUICE_FUZZ"].flatMap(Int.init)
        let rounds = given ?? 200_000
        var refused = 0
        for _ in 0..<rounds {
            let code = mutated(corpus.randomElement(using: &dice)!, parts, &dice)
            do throws(ReadingRefusal) {
                let reading = try read(code, today: today, layouts: layouts)
                // Plain comparisons: the macro would take most of the time here.
                let isSound =
                    reading.candidates.last?.meaning == .text(reading.text)
                    && !reading.text.isEmpty && reading.text.unicodeScalars.count <= 128
                    && Set(reading.candidates).count == reading.candidates.count
                if !isSound { Issue.record("\(code.debugDescription) seed \(seed)") }
            } catch {
                refused += 1
                if !ReadingRefusal.catalogue.contains(where: { $0.code == error.code }) {
                    Issue.record("\(error.code) seed \(seed)")
                }
            }
        }
        print("mutations: \(rounds) codes, \(refused) refused")
    }

    private func mutated(
        _ code: String, _ parts: [String], _ dice: inout SeededDice
    ) -> String {
        if Int.random(in: 0..<10, using: &dice) == 0 {
            let bytes = (0..<Int.random(in: 0...140, using: &dice)).map { _ in
                UInt8.random(in: 0...255, using: &dice)
            }
            return String(decoding: bytes, as: UTF8.self)
        }
        var scalars = Array(code.unicodeScalars)
        for _ in 0..<Int.random(in: 1...4, using: &dice) {
            let at = Int.random(in: 0...scalars.count, using: &dice)
            switch Int.random(in: 0..<5, using: &dice) {
            case 0: if at < scalars.count { scalars.remove(at: at) }
            case 1:
                scalars.insert(
                    contentsOf: parts.randomElement(using: &dice)!.unicodeScalars, at: at)
            case 2:
                if at < scalars.count {
                    scalars[at] = UnicodeScalar(UInt8.random(in: 0...127, using: &dice))
                }
            case 3: scalars = Array(scalars.prefix(at))
            default: scalars.insert(contentsOf: scalars.prefix(at), at: at)
            }
        }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    @Test func `the time of a reading is printed`() throws {
        let corpus = try ReadingCorpusTests.vectors().map(\.code)
        let clock = ContinuousClock()
        var slowest = Duration.zero
        var total = Duration.zero
        for _ in 0..<20 {
            for code in corpus {
                let time = clock.measure { _ = try? read(code, today: today) }
                slowest = max(slowest, time)
                total += time
            }
        }
        print("reading: mean \(total / (20 * corpus.count)), slowest \(slowest)")
    }
}
