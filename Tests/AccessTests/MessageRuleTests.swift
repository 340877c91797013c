// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Testing

@testable import Access

/// When a code is open, when another may be sent, and what is shown: as tables.
struct MessageRuleTests {
    private static let now = Instant(microseconds: 1_795_399_200_000_000)

    private static func sent(
        secondsAgo: Int64, failures: Int64 = 0, ticket: Int64? = 7
    ) -> SentCode {
        SentCode(
            ticket: ticket.map { ID($0) }, salt: [], digest: [],
            sentAt: Instant(microseconds: now.microseconds - secondsAgo * 1_000_000),
            failures: failures)
    }

    @Test(arguments: [
        (sent(secondsAgo: 0), Int64(7), true), (sent(secondsAgo: 299), 7, true),
        (sent(secondsAgo: 300), 7, false), (sent(secondsAgo: 3000), 7, false),
        // A clock that was set back does not make it good for longer.
        (sent(secondsAgo: -1), 7, false),
        (sent(secondsAgo: 1, failures: 4), 7, true), (sent(secondsAgo: 1, failures: 5), 7, false),
        (sent(secondsAgo: 1), 8, false), (sent(secondsAgo: 1), nil, false),
        (sent(secondsAgo: 1, ticket: nil), 7, false), (sent(secondsAgo: 1, ticket: nil), nil, true),
    ])
    func `a code is open for five minutes, five tries and one purpose`(
        _ sent: SentCode, _ ticket: Int64?, _ isOpen: Bool
    ) {
        #expect(MessageRule.isOpen(sent, for: ticket.map { ID($0) }, at: Self.now) == isOpen)
    }

    @Test(arguments: [
        (Int64(0), Int64?.none, Int64?.none), (4, 10, nil), (5, 10, 3590), (5, 3599, 1),
        (9, 3600, 1),
    ])
    func `the next message waits until the first is an hour old`(
        _ count: Int64, _ secondsAgo: Int64?, _ wait: Int64?
    ) {
        let first = secondsAgo.map {
            Instant(microseconds: Self.now.microseconds - $0 * 1_000_000)
        }
        #expect(MessageRule.wait((count, first), most: 5, at: Self.now) == wait)
    }

    @Test func `a message is one part of a short message, and names nobody`() {
        for purpose in MessagePurpose.allCases {
            for language in Language.allCases {
                let text = purpose.text(code: "287082", language)
                // 160 characters of the alphabet of GSM, 70 of any other (3GPP TS 23.038).
                #expect(text.unicodeScalars.count <= (text.allSatisfy(\.isASCII) ? 160 : 70))
                #expect(text.hasPrefix("287082") == (purpose != .test))
            }
        }
    }

    @Test(arguments: [
        ("https://sms.example.org", "https://sms.example.org/x", true),
        ("https://sms.example.org/a", "https://sms.example.org/b", true),
        ("https://sms.example.org/a", "https://sms.example.org:8443/a", false),
        ("http://10.0.0.1/a", "https://10.0.0.1/a", false),
        ("https://sms.example.org/a", "https://sms.example.org.evil.example/a", false),
    ])
    func `a machine is its scheme, host and port`(_ one: String, _ other: String, _ isSame: Bool) {
        #expect((MessageRule.host(of: one) == MessageRule.host(of: other)) == isSame)
    }

    @Test func `codes are six digits, each as likely, and kept under a salt of their own`() {
        var counts = [Character: Int]()
        var digests: Set<[UInt8]> = []
        for _ in 0..<2000 {
            let new = newSentCode()
            #expect(new.code.count == 6)
            for digit in new.code { counts[digit, default: 0] += 1 }
            digests.insert(new.digest)
            let sent = SentCode(
                ticket: nil, salt: new.salt, digest: new.digest, sentAt: Self.now, failures: 0)
            #expect(isSame(new.code, as: sent))
            #expect(isSame(" \(new.code.prefix(3)) \(new.code.suffix(3))", as: sent))
            #expect(!isSame(new.code + "0", as: sent) && !isSame("", as: sent))
        }
        #expect(digests.count == 2000)
        // 1,200 of each are expected; 1,000 or 1,400 are six deviations away.
        #expect(counts.count == 10 && counts.values.allSatisfy { (1000...1400).contains($0) })
    }
}
