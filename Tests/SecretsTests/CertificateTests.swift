// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Testing

@testable import Secrets

/// Certificates and keys as bytes and as text.
struct CertificateTests {
    private let key: CertificateKey
    private let certificate: Certificate

    init() throws {
        key = try CertificateKey.make()
        certificate = try CertificateDraft(commonName: "test, O=x+CN=y", notBefore: 0, notAfter: 60)
            .authority(
                key: key, permits: [.dns("local"), .address([10, 0, 0, 0, 255, 0, 0, 0])])
    }

    @Test func `what was written is read again`() throws {
        let text = PEM.text(certificate.der, label: "CERTIFICATE")
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 64 })
        #expect(
            PEM.blocks(in: "junk\n" + text + "between\n" + text)?.map(\.bytes) == [
                certificate.der, certificate.der,
            ])
        #expect(try CertificateKey(pem: PEM.text(key.der, label: "PRIVATE KEY")) == key)
        #expect(key.kind == .ecdsa(bits: 256))
    }

    @Test(
        arguments: [
            "-----BEGIN CERTIFICATE-----\nAAAA\n", "-----BEGIN A-----\nAAAA\n-----END B-----\n",
            "-----BEGIN A-----\n***\n-----END A-----\n", "-----BEGIN A-----\n-----END A-----\n",
            "-----BEGIN A-----\n-----BEGIN A-----\nAAAA\n-----END A-----\n",
            String(repeating: "-----BEGIN A-----\nAAAA\n-----END A-----\n", count: 17),
        ])
    func `a text that is cut, mixed or endless has no blocks`(text: String) {
        #expect(PEM.blocks(in: text) == nil)
    }

    @Test func `a name takes nothing that means something in a distinguished name`() {
        #expect(
            ["O=Sluice,CN=test OxCNy", "CN=test OxCNy,O=Sluice"].contains(certificate.subject))
    }

    @Test
    func `changed bytes are read as another certificate or refused, and never end the process`()
        throws
    {
        var generator = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: .min ... .max, using: &generator)
        print("seed \(seed)")
        var state = seed
        func next(_ most: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % most
        }
        var refused = 0
        for _ in 0..<3000 {
            var der = certificate.der
            for _ in 0...next(3) { der[next(der.count)] = UInt8(next(256)) }
            if next(4) == 0 { der.removeLast(next(der.count)) }
            do throws(CertificateFault) {
                let read = try Certificate(der: der)
                _ = (read.isSigned(by: read), read.fits(key), read.names.map(\.text))
            } catch {
                refused += 1
            }
            var pem = Array(key.der)
            pem[next(pem.count)] = UInt8(next(256))
            _ = try? CertificateKey(der: pem)
        }
        #expect(refused > 0)
    }

    @Test func `the address of a name is written as people write it`() {
        #expect(SubjectName.address([192, 168, 1, 2]).text == "192.168.1.2")
        #expect(
            SubjectName.address([0xfd] + [UInt8](repeating: 0, count: 14) + [2]).text == "fd00::2")
        #expect(SubjectName.address([1]).text == "01")
    }
}
