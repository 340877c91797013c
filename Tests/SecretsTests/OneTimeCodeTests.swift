// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Testing

@testable import Secrets

@Suite struct OneTimeCodeTests {
    private let seed = Array("12345678901234567890".utf8)

    /// RFC 6238, appendix B, the rows of SHA-1; eight digits.
    @Test(
        arguments: [
            (59, "94287082"), (1_111_111_109, "07081804"), (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"), (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] as [(Int64, String)])
    func `the codes are those of RFC 6238`(_ seconds: Int64, _ code: String) {
        let step = OneTimeCode.step(at: seconds)
        #expect(OneTimeCode.code(seed: seed, step: step, digits: 8) == code)
        #expect(OneTimeCode.code(seed: seed, step: step) == String(code.suffix(6)))
    }

    /// RFC 4226, appendix D.
    @Test func `the codes are those of RFC 4226`() {
        let expected = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489",
        ]
        let codes = (0..<10).map { OneTimeCode.code(seed: seed, step: Int64($0)) }
        #expect(codes == expected)
    }

    @Test func `one step before and one after are taken, two are not`() throws {
        let now: Int64 = 1_234_567_890
        let step = OneTimeCode.step(at: now)
        for offset in Int64(-3)...3 {
            let code = try #require(OneTimeCode.code(seed: seed, step: step + offset))
            let found = OneTimeCode.step(of: code, seed: seed, at: now, after: 0)
            #expect(found == (abs(offset) <= 1 ? step + offset : nil), "\(offset)")
        }
    }

    @Test func `a step that was taken, and every one before it, is not taken again`() throws {
        let now: Int64 = 1_234_567_890
        let step = OneTimeCode.step(at: now)
        for offset in Int64(-1)...1 {
            let code = try #require(OneTimeCode.code(seed: seed, step: step + offset))
            for last in (step - 2)...(step + 2) {
                let found = OneTimeCode.step(of: code, seed: seed, at: now, after: last)
                #expect(found == (step + offset > last ? step + offset : nil))
            }
        }
    }

    @Test(arguments: ["", "0", "00000", "0000000", "abcdef", "１２３４５６", " 12345"])
    func `what is no code of six digits is none`(_ text: String) {
        #expect(OneTimeCode.step(of: text, seed: seed, at: 59, after: 0) == nil)
    }
}

@Suite struct BaseTextTests {
    /// RFC 4648, section 10.
    @Test(
        arguments: [
            ("", "", ""), ("f", "Zg", "MY"), ("fo", "Zm8", "MZXQ"), ("foo", "Zm9v", "MZXW6"),
            ("foob", "Zm9vYg", "MZXW6YQ"), ("fooba", "Zm9vYmE", "MZXW6YTB"),
            ("foobar", "Zm9vYmFy", "MZXW6YTBOI"),
        ])
    func `bases 64 and 32 are those of RFC 4648`(_ plain: String, _ b64: String, _ b32: String) {
        let bytes = Array(plain.utf8)
        #expect(Base64.text(bytes) == b64)
        #expect(Base64.url(bytes) == b64)
        #expect(Base64.bytes(url: b64) == bytes)
        #expect(Base32.text(bytes) == b32)
    }

    @Test func `every length and byte reads back`() {
        for length in 0..<70 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 37 + length * 11) }
            #expect(Base64.bytes(url: Base64.url(bytes)) == bytes)
        }
    }

    @Test(arguments: ["A", "Zh", "Zm9", "Zg==", "Z g", "Zm9v+", "Zm9v/", "é"])
    func `what is not the one proper form is refused`(_ text: String) {
        #expect(Base64.bytes(url: text) == nil)
    }
}
