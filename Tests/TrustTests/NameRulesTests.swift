// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Secrets
import Testing

@testable import Trust

/// For which names the box's authority vouches.
struct NameRulesTests {
    private func names(_ hosts: [String], _ addresses: [[UInt8]] = []) -> BoxNames {
        BoxNames(hosts: hosts, addresses: addresses)
    }

    @Test(
        arguments: [
            ("box.example.com", true), ("box-1", true), ("box7", true), ("a.b", true),
            ("store", false), ("com", false), ("sluice", false), ("xn--p1ai", false),
            ("xn--fiqs8s-1", false), ("", false), ("12", false), ("1.2.3.4", false),
            ("box_1", false), ("-box", false), ("box-", false), ("a..b", false), ("b.", false),
            (String(repeating: "a", count: 64) + ".lan", false), ("BOX.lan", false),
            ("*.example.com", false), ("box.example.com/", false),
        ])
    func `a name becomes a constraint only when it opens nothing of others`(
        host: String, may: Bool
    ) {
        #expect(NameRule.isOwn(host) == may, "\(host)")
    }

    @Test func `names of local networks need no constraint of their own`() {
        #expect(NameRule.permits(names(["box.local", "box.lan"])) == NameRule.suffixes)
        #expect(
            NameRule.permits(names(["store", "box.example.com"]))
                == NameRule.suffixes + ["box.example.com"])
        #expect(NameRule.permits(names(["box.example.com", "www.box.example.com"])).count == 6)
    }

    @Test(
        arguments: [
            ("10.1.2.3", true), ("172.16.0.1", true), ("172.31.255.255", true),
            ("172.32.0.1", false), ("192.168.1.2", true), ("192.169.1.2", false),
            ("127.0.0.1", true), ("169.254.7.7", true), ("8.8.8.8", false),
            ("100.64.0.1", false), ("0.0.0.0", false),
        ])
    func `addresses of local networks are covered, whatever the box has now`(
        text: String, may: Bool
    ) {
        let address = text.split(separator: ".").compactMap { UInt8($0) }
        #expect(NameRule.covers(.address(address), permits: []) == may, "\(text)")
    }

    @Test func `of IPv6 the unique local, the link-local and the own are covered`() {
        func six(_ start: [UInt8], last: UInt8 = 1) -> SubjectName {
            .address(start + [UInt8](repeating: 0, count: 15 - start.count) + [last])
        }
        #expect(NameRule.covers(six([0xfd, 0x12]), permits: []))
        #expect(NameRule.covers(six([0xfc]), permits: []))
        #expect(NameRule.covers(six([0xfe, 0x80]), permits: []))
        #expect(NameRule.covers(six([]), permits: []))
        #expect(!NameRule.covers(six([], last: 2), permits: []))
        #expect(!NameRule.covers(six([0x20, 0x01]), permits: []))
        #expect(!NameRule.covers(six([0xfe, 0xc0]), permits: []))
        #expect(!NameRule.covers(.address([1, 2, 3]), permits: []))
    }

    @Test
    func `a certificate names what its authority may vouch for, each once, and the box itself`() {
        let box = names(
            ["box.local", "store", "box.example.com", "box.local"],
            [[192, 168, 1, 5], [8, 8, 8, 8], [127, 0, 0, 1]])
        let named = NameRule.named(box, permits: NameRule.permits(box))
        #expect(
            named.map(\.text) == [
                "box.local", "box.example.com", "192.168.1.5", "127.0.0.1", "localhost", "::1",
            ])
        #expect(NameRule.named(box, permits: NameRule.suffixes).count == 5)
    }

    @Test(
        arguments: [
            ("box.example.com", true), ("a.example.org", true), ("example.org", false),
            ("a.b.example.org", false), ("other.example.com", false),
        ])
    func `a wildcard stands for one label`(host: String, fits: Bool) {
        let has: [SubjectName] = [.dns("box.example.com"), .dns("*.example.org")]
        #expect(NameRule.stands(has, for: .dns(host)) == fits, "\(host)")
    }

    @Test func `the address to show is one that others reach, IPv4 first`() {
        let six: [UInt8] = [0xfd] + [UInt8](repeating: 0, count: 14) + [9]
        #expect(NameRule.local(names([], [[127, 0, 0, 1], six])) == six)
        #expect(
            NameRule.local(names([], [six, [169, 254, 1, 1], [10, 0, 0, 2]])) == [10, 0, 0, 2])
        #expect(NameRule.local(names([], [[127, 0, 0, 1]])) == nil)
        #expect(
            NameRule.page(of: names(["a.lan"], [[10, 0, 0, 2]]), port: 80)
                == "http://10.0.0.2/trust")
        #expect(NameRule.page(of: names(["a.lan"], []), port: 8080) == "http://a.lan:8080/trust")
        #expect(NameRule.page(of: names([], []), port: 80) == nil)
    }
}

/// When a certificate is made anew.
struct DateRulesTests {
    @Test(
        arguments: [
            (Int64(-1), CertificateAge.early), (0, .good), (199, .good), (200, .ending),
            (299, .ending), (300, .ended), (9999, .ended),
        ])
    func `the last third of a life is the time to renew`(now: Int64, age: CertificateAge) {
        #expect(DateRule.age(notBefore: 0, notAfter: 300, now: now) == age)
    }

    @Test func `a date that no calendar has is cut and not counted with`() {
        #expect(DateRule.instant(.max).microseconds == 253_402_300_799_000_000)
        #expect(DateRule.instant(-1).microseconds == 0)
        #expect(DateRule.age(notBefore: 5, notAfter: 1, now: 0) == .early)
    }
}
