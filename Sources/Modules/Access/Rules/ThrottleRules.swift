// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// How failed tries slow down those that follow, without ever locking a person out for good.
struct ThrottleRule: Sendable {
    /// The try of this number is the first that is followed by a pause.
    let free: Int64
    static let firstPauseSeconds: Int64 = 60
    static let longestPauseSeconds: Int64 = 3600
    /// Failures are forgotten after this long without one.
    static let forgetSeconds: Int64 = 86_400
    /// Names and addresses that nobody here has: so many are remembered, then the oldest go.
    static let strangersMost: Int64 = 20_000
    /// How many of the oldest go at once.
    static let strangersForgotten = 1000

    /// One account, one browser, one person's second factor.
    static let person = ThrottleRule(free: 5)
    /// One address: a whole office may stand behind it.
    static let address = ThrottleRule(free: 20)

    /// The state after one more failure at `now`.
    func afterFailure(_ before: Throttle?, at now: Instant) throws -> Throttle {
        let failures = (before?.failures ?? 0) + 1
        guard failures >= free else { return Throttle(failures: failures, until: now) }
        // Doubles with each failure; the shift is bounded so that it cannot overflow.
        let pause = Self.firstPauseSeconds << min(failures - free, 6)
        return Throttle(
            failures: failures,
            until: try now.adding(seconds: min(pause, Self.longestPauseSeconds)))
    }
}

/// What tries are counted under.
enum ThrottleKey: Hashable, Sendable {
    /// The account, whatever way its name was written.
    case account(ID<User>)
    /// A browser of a person who signed in from it before: strangers do not count here.
    case lane(ID<Lane>)
    /// A name that is nobody's, by the digest of its folded form.
    case name(String)
    case address(String)
    /// The second factor of somebody whose password was right.
    case factor(ID<User>)
    case setup(String)

    var text: String {
        switch self {
        case .account(let id): "account:\(id)"
        case .lane(let id): "lane:\(id)"
        case .name(let digest): "name:\(digest)"
        case .address(let address): "address:\(AddressRule.network(address))"
        case .factor(let id): "factor:\(id)"
        case .setup(let address): "setup:\(AddressRule.network(address))"
        }
    }

    var rule: ThrottleRule {
        switch self {
        case .account, .lane, .name, .factor, .setup: .person
        case .address: .address
        }
    }

    /// Whether strangers can make as many of them as they like.
    var isStrange: Bool {
        switch self {
        case .name, .address, .setup: true
        case .account, .lane, .factor: false
        }
    }
}

/// Addresses that belong together.
enum AddressRule {
    /// An IPv6 address as its /64, of which one machine has all; any other as it is.
    static func network(_ address: String) -> String {
        let plain = address.prefix { $0 != "%" }
        guard plain.contains(":"), !plain.contains(".") else { return String(plain) }
        let halves = plain.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
        var groups = halves[0].split(separator: ":").map(String.init)
        if halves.count == 2 {
            let tail = halves[1].split(separator: ":").count
            groups += Array(repeating: "0", count: max(0, 8 - groups.count - tail))
        }
        return groups.prefix(4).joined(separator: ":") + "::/64"
    }
}
