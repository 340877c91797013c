// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Secrets
import TestKit
import Testing

@testable import Trust

/// What somebody could do who has got at the authority of a box. OpenSSL is asked here; the tests in
/// `Tests/TLS` ask Chromium with the same files, for which they set SLUICE_FORGE.
struct ForgeryTests {
    private let scratch: TestFolder
    private let folder: String
    private let authority: Certificate
    private let key: CertificateKey

    init() throws {
        scratch = try TestFolder()
        folder = ProcessInfo.processInfo.environment["SLUICE_FORGE"] ?? scratch.path
        let names = BoxNames(
            hosts: ["sluice-1.local", "box-1.example.org", "store"], addresses: [[192, 168, 1, 5]])
        key = try CertificateKey.make()
        let now = Int64(Date().timeIntervalSince1970)
        authority = try CertificateDraft(
            commonName: "Sluice forged", notBefore: now - 86_400,
            notAfter: now + DateRule.authorityLife
        ).authority(key: key, permits: NameRule.constraints(NameRule.permits(names)))
    }

    private func write(_ text: String, _ name: String) throws {
        try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
    }

    /// Whether OpenSSL takes a certificate for these names by the authority of the box. GnuTLS must
    /// think the same of it.
    private func isTaken(_ names: [SubjectName], _ file: String) throws -> Bool {
        let now = Int64(Date().timeIntervalSince1970)
        let own = try CertificateKey.make()
        let server = try CertificateDraft(
            commonName: "sluice-1.local", notBefore: now - 3600,
            notAfter: now + DateRule.certificateLife
        ).server(key: own, names: names, authority: authority, authorityKey: key)
        #expect(server.fits(own) && !server.fits(key))
        try write(PEM.text(server.der, label: "CERTIFICATE"), "\(file).pem")
        try write(PEM.text(own.der, label: "PRIVATE KEY"), "\(file).key")
        let openssl = Process()
        openssl.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        openssl.arguments = [
            "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile",
            "\(folder)/authority.pem", "\(folder)/\(file).pem",
        ]
        openssl.standardOutput = FileHandle.nullDevice
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        let isTaken = openssl.terminationStatus == 0
        #expect(server.isSigned(by: authority) == isTaken, "\(file)")
        return isTaken
    }

    @Test func `the authority of a box vouches for its names and for nothing else`() throws {
        try write(PEM.text(authority.der, label: "CERTIFICATE"), "authority.pem")
        let own: [(String, SubjectName)] = [
            ("sluice-1.local", .dns("sluice-1.local")), ("other.lan", .dns("other.lan")),
            ("box-1.example.org", .dns("box-1.example.org")),
            ("private", .address([10, 9, 8, 7])),
        ]
        for (file, name) in own { #expect(try isTaken([name], file), "\(file)") }
        let foreign: [(String, SubjectName)] = [
            ("www.example.com", .dns("www.example.com")), ("bank.example", .dns("bank.example")),
            ("example.org", .dns("example.org")), ("store", .dns("store")),
            ("shop.store", .dns("shop.store")), ("local.example", .dns("local.example")),
            ("notlocal", .dns("notlocal")), ("public", .address([8, 8, 8, 8])),
            ("six", .address([0x20, 0x01] + [UInt8](repeating: 0, count: 14))),
        ]
        for (file, name) in foreign {
            #expect(try !isTaken([name], file), "\(file)")
            // Nor beside a name of its own.
            #expect(try !isTaken([own[0].1, name], file), "\(file)")
        }
    }

    @Test func `it cannot make another authority`() throws {
        let now = Int64(Date().timeIntervalSince1970)
        #expect(authority.isAuthority)
        #expect(authority.isSigned(by: authority))
        let own = try CertificateKey.make()
        let server = try CertificateDraft(
            commonName: "x", notBefore: now, notAfter: now + 60
        ).server(
            key: own, names: [.dns("a.local")], authority: authority, authorityKey: key)
        #expect(!server.isAuthority && server.isForServers)
        #expect(!authority.isSigned(by: server))
    }
}
