// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Testing

@testable import Secrets

@Suite struct PasswordHashTests {
    @Test func `a hash knows its password, costs what is asked today and is no other's`() throws {
        let hash = try #require(PasswordHash.make("harbour crane nine"))
        #expect(hash.text.hasPrefix("$argon2id$v=19$m=65536,t=3,p=1$"))
        #expect(hash.matches("harbour crane nine"))
        #expect(!hash.matches("harbour crane ten"))
        #expect(!hash.isOutdated)
    }

    @Test func `nobody's hash has the form and the cost of anybody's, and no password`() throws {
        let nobody = PasswordHash.ofNobody()
        let somebody = try #require(PasswordHash.make("harbour crane nine"))
        #expect(nobody.text.count == somebody.text.count)
        #expect(
            nobody.text.split(separator: "$").prefix(3)
                == somebody.text.split(separator: "$").prefix(3))
        #expect(!nobody.isOutdated)
        #expect(!nobody.matches("harbour crane nine"))
        #expect(nobody != PasswordHash.ofNobody())
    }

    /// Made by libsodium with m=8192, t=1 for "harbour crane nine" would be cheaper; a text that is
    /// no hash at all is made anew as well.
    @Test(arguments: ["", "x", "$argon2id$v=19$m=8192,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaA"])
    func `a hash that cost less is outdated`(_ text: String) {
        #expect(PasswordHash(text: text).isOutdated)
    }
}

@Suite struct CommonPasswordTests {
    @Test func `the list has more than 70,000 words`() {
        #expect(CommonPasswords.count > 70_000)
    }

    @Test(
        arguments: [
            "123456", "password", "qwerty", "dragon", "sunshine", "the", "elizabeth", "smith",
            "iloveyou", "trustno1",
        ])
    func `a word that everybody knows is listed`(_ word: String) {
        #expect(CommonPasswords.contains(word))
    }

    @Test(arguments: ["", "harbour crane nine", "Password", "九号码头的蓝色大吊车", "zq8-pallet"])
    func `a word of one's own, or one in capitals, is not`(_ word: String) {
        #expect(!CommonPasswords.contains(word))
    }
}

@Suite struct PublicKeyTests {
    private func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex)
        return stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(digits[$0...($0 + 1)]), radix: 16)
        }
    }

    /// RFC 6979, appendix A.2.5: P-256 with SHA-256, message "sample", as DER.
    @Test func `a signature over P-256 is checked`() {
        let x = bytes("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6")
        let y = bytes("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299")
        let r = bytes("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716")
        let s = bytes("f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8")
        let signature = [0x30, 70, 2, 33, 0] + r + [2, 33, 0] + s
        let key = PublicKey.p256(x: x, y: y)
        #expect(key.verifies(signature, of: Array("sample".utf8)))
        #expect(!key.verifies(signature, of: Array("sampl".utf8)))
        #expect(!key.verifies([], of: Array("sample".utf8)))
        #expect(!key.verifies(Array(signature.dropLast()), of: Array("sample".utf8)))
        var bent = signature
        bent[20] ^= 1
        #expect(!key.verifies(bent, of: Array("sample".utf8)))
        // A point beside the curve is no key.
        #expect(!PublicKey.p256(x: y, y: x).verifies(signature, of: Array("sample".utf8)))
        #expect(!PublicKey.p256(x: [1], y: [2]).verifies(signature, of: []))
    }

    /// RFC 8032, section 7.1, test 2.
    @Test func `a signature of Ed25519 is checked`() {
        let key = PublicKey.ed25519(
            bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"))
        let signature = bytes(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
        #expect(key.verifies(signature, of: [0x72]))
        #expect(!key.verifies(signature, of: [0x73]))
        #expect(!key.verifies(Array(signature.dropLast()), of: [0x72]))
        #expect(!PublicKey.ed25519([1]).verifies(signature, of: [0x72]))
    }
}
