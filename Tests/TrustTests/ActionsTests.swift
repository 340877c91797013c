// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import Clockwork
import Journal
import Kernel
import ModuleKit
import SealedStore
import Secrets
import Synchronization
import TestKit
import Testing
import Web

@testable import Trust

/// What becomes of the certificate of a box as time passes and names change.
struct ActionsTests {
    /// Names that a test changes.
    private final class Plate: Sendable {
        private let kept = Mutex(
            BoxNames(hosts: ["sluice-1.local"], addresses: [[192, 168, 1, 5]]))
        var names: BoxNames { kept.withLock { $0 } }
        func change(_ names: BoxNames) { kept.withLock { $0 = names } }
    }

    private let clock: TestClock
    private let plate: Plate
    private let desk: TrustDesk
    private let house: TestHouse

    init() throws {
        let plate = Plate()
        let clock = TestClock()
        let desk = TrustDesk(isServing: true) { plate.names }
        (self.plate, self.clock, self.desk) = (plate, clock, desk)
        house = try TestHouse(clock: clock, desk: desk)
    }

    @discardableResult
    private func keep() throws -> Bool {
        let now = try house.store.read { $0.now }
        return try house.store.write {
            try keepCertificate(desk, at: now, by: TestHouse.root, in: $0)
        }
    }

    private func shown() throws -> ShownIdentity {
        try #require(try house.store.read { try shownIdentity(in: $0) })
    }

    private func own() throws -> Certificate { try Certificate(der: shown().chain[0]) }

    private func told() throws -> [String] {
        try house.store.read {
            try $0.journal(after: 0, kinds: TrustEvent.all, limit: 1000).map(\.kind)
        }
    }

    private func pass(days: Int64) throws { try clock.pass(seconds: days * 86_400) }

    @Test func `the first look makes authority and certificate, the second nothing`() throws {
        #expect(try house.store.read { try certificateIsDue(desk, in: $0) })
        #expect(try keep())
        #expect(desk.takeStale())
        #expect(try told() == ["trust.authority_made", "trust.certificate_issued"])
        let first = try shown()
        let certificate = try own()
        #expect(certificate.fits(try CertificateKey(der: first.key)))
        #expect(certificate.names.map(\.text).prefix(2) == ["sluice-1.local", "192.168.1.5"])
        #expect(certificate.notAfter - certificate.notBefore == DateRule.certificateLife)
        #expect(try !house.store.read { try certificateIsDue(desk, in: $0) })
        #expect(try !keep())
        #expect(!desk.takeStale())
        #expect(try shown().chain == first.chain)
    }

    @Test func `it is made anew when a third of its life is left, by the same authority`() throws {
        try keep()
        let first = try own()
        let authority = try house.store.read { try $0.trustAuthority() }?.certificate.der
        try pass(days: 264)
        #expect(try !keep())
        try pass(days: 1)
        #expect(try keep())
        let second = try own()
        #expect(second.der != first.der)
        #expect(try house.store.read { try $0.trustAuthority() }?.certificate.der == authority)
        #expect(try told().count == 3)
    }

    @Test func `another name or address means another certificate`() throws {
        try keep()
        plate.change(
            BoxNames(hosts: ["sluice-1.local", "depot.lan"], addresses: [[10, 0, 0, 7]]))
        #expect(try keep())
        #expect(
            try own().names.map(\.text).prefix(3) == ["sluice-1.local", "depot.lan", "10.0.0.7"])
        // One that the authority cannot vouch for changes nothing.
        plate.change(
            BoxNames(
                hosts: ["sluice-1.local", "depot.lan", "box.example.com"],
                addresses: [[10, 0, 0, 7], [8, 8, 8, 8]]))
        #expect(try !keep())
    }

    @Test func `a clock that was ahead at the first start is made good`() throws {
        try keep()
        try pass(days: -2)
        #expect(try keep())
        let certificate = try own()
        #expect(certificate.notBefore <= DateRule.seconds(clock.now()))
    }

    @Test func `a certificate never outlives its authority`() throws {
        try keep()
        try pass(days: 3500)
        try keep()
        let authority = try #require(try house.store.read { try $0.trustAuthority() }).certificate
        #expect(try own().notAfter == authority.notAfter)
    }

    @Test func `keys are sealed, and are sealed anew`() throws {
        try keep()
        let before = try house.store.read { try $0.sealedTrustKeys() }
        #expect(before.count == 2)
        let key = try shown().key
        for (_, sealed) in before {
            #expect(!sealed.indices.contains { sealed[$0...].starts(with: key.prefix(16)) })
        }
        try house.store.write { tx in
            try resealTrustKeys(from: tx.fields, in: tx)
            tx.markTold()
        }
        let after = try house.store.read { try $0.sealedTrustKeys() }
        #expect(zip(before, after).allSatisfy { $0.0.sealed != $0.1.sealed })
        #expect(try shown().key == key)
    }

    @Test func `practice books change nothing that is shown`() throws {
        try keep()
        try house.store.write { tx in
            try tx.setSite(Site(name: "x", timeZone: "Asia/Shanghai", isPractice: true))
            tx.markTold()
        }
        for (method, path, json) in [
            (Web.Method.post, "renewal", "{}"), (.post, "authority", "{}"),
            (.put, "strict", #"{"on":true}"#),
        ] {
            let answer = try house.send(method, "/api/v1/certificate/\(path)", json: json)
            #expect(answer.code == "trust.practice_books", "\(path)")
        }
    }

    @Test func `a box without TLS says so and makes no certificate`() throws {
        let plain = try TestHouse()
        let view = try plain.send(.get, "/api/v1/trust", as: .guest)
        #expect(view.status == 200 && view.json["served"]?.flag == false)
        #expect(try plain.send(.get, "/ca.crt", as: .guest).code == "trust.authority_missing")
        #expect(
            try plain.send(.post, "/api/v1/certificate/renewal", json: "{}").code == "trust.off")
        let job = try #require(
            plain.house.modules.flatMap(\.jobs).first { $0.name == "trust.renew" })
        plain.house.timekeeper.run(job)
        #expect(try plain.store.read { try $0.trustAuthority() } == nil)
    }

    @Test func `the rule for TLS only goes on, off, and is forgotten`() throws {
        try keep()
        func set(_ on: Bool) throws -> String? {
            let body = #"{"on":\#(on)}"#
            return try house.send(.put, "/api/v1/certificate/strict", json: body)
                .json["strict"]?.text
        }
        #expect(try set(false) == "never")
        #expect(try shown().strict.header == nil)
        #expect(try set(true) == "on")
        #expect(try shown().strict.header == "max-age=31536000; includeSubDomains")
        #expect(try set(false) == "off")
        #expect(try shown().strict.header == "max-age=0")
        #expect(try told().filter { $0 == "trust.strict_changed" }.count == 2)
    }
}
