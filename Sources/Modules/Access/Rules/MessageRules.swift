// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// Codes that go to a telephone by short message.
enum MessageRule {
    static let digits = 6
    /// For how long a code is good.
    static let seconds: Int64 = 5 * 60
    /// Wrong codes after which it is void.
    static let failuresMost: Int64 = 5
    /// Messages to one person, and from the whole house, within any hour: somebody who has a
    /// password must not be able to make a telephone ring all night or to run up a bill.
    static let personMost: Int64 = 5
    static let houseMost: Int64 = 100
    static let windowSeconds: Int64 = 3600
    /// Seconds for which the courier is waited for beyond those of the gateway.
    static let patienceSeconds = 5
    /// Digits of a number that are shown.
    static let digitsShown = 3

    /// Whether a code can still be typed.
    ///
    /// - Parameter ticket: the sign-in that it is typed for; nil when it confirms a number.
    static func isOpen(_ sent: SentCode, for ticket: ID<Ticket>?, at now: Instant) -> Bool {
        let age = now.microseconds - sent.sentAt.microseconds
        return sent.ticket == ticket && sent.failures < failuresMost
            && (0..<seconds * 1_000_000).contains(age)
    }

    /// Seconds until another message may be sent; nil at once.
    ///
    /// - Parameter sent: how many there were within the last hour, and when the first of them was.
    static func wait(
        _ sent: (count: Int64, first: Instant?), most: Int64, at now: Instant
    ) -> Int64? {
        guard sent.count >= most, let first = sent.first else { return nil }
        let age = (now.microseconds - first.microseconds) / 1_000_000
        return max(1, windowSeconds - age)
    }

    /// Scheme, host and port of an address: who gets what is sent there.
    static func host(of address: String) -> String {
        let scheme = address.hasPrefix("https://") ? "https://" : "http://"
        return scheme + address.dropFirst(scheme.count).prefix { $0 != "/" }
    }

    static func lastDigits(of number: String) -> String { String(number.suffix(digitsShown)) }
}

/// What a message is for.
enum MessagePurpose: String, Sendable, CaseIterable {
    case signIn = "sign_in"
    /// To show that a number is one's own.
    case number
    /// An administrator tries the gateway.
    case test

    /// What the message says: short enough for one part of a short message in both languages. The
    /// code comes first, where telephones find it.
    func text(code: String, _ language: Language) -> String {
        switch (self, language) {
        case (.signIn, .en):
            "\(code) is your Sluice sign-in code, good for 5 minutes. Never tell it to anyone."
        case (.signIn, .zhCN): "\(code) 是您登录 Sluice 的验证码，5 分钟内有效，请勿告诉任何人。"
        case (.number, .en):
            "\(code) confirms this number with Sluice, good for 5 minutes. Never tell it to anyone."
        case (.number, .zhCN): "\(code) 是 Sluice 绑定手机号的验证码，5 分钟内有效，请勿告诉任何人。"
        case (.test, .en): "A test message of Sluice. Codes for signing in can be sent."
        case (.test, .zhCN): "Sluice 测试短信：登录验证码可以发送。"
        }
    }
}
