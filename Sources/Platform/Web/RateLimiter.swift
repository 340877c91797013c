// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc
package import Kernel
import Secrets
import Synchronization

/// How much one sender may ask.
package struct Rate: Sendable, Hashable {
    /// Requests a second on average; at least 1.
    package let perSecond: Int
    /// Requests at once after a pause; at least 1.
    package let burst: Int

    /// Values beyond `Limit.ratedPerSecond` and below 1 are brought to the nearest that is allowed.
    package init(perSecond: Int, burst: Int) {
        self.perSecond = min(max(perSecond, 1), Limit.ratedPerSecond)
        self.burst = min(max(burst, 1), Limit.ratedPerSecond * 10)
    }

    /// What a scanner, person or token at work never needs: ten screens or scans at once for each
    /// second of `perSecond`.
    package static func average(_ perSecond: Int) -> Rate {
        Rate(perSecond: perSecond, burst: min(max(perSecond, 1), Limit.ratedPerSecond) * 10)
    }
}

/// Who is counted. Whoever shows a good credential is counted by it and never by the address: a
/// whole warehouse may stand behind one. Only what has none is counted by where it comes from.
package enum RateSubject: Sendable, Hashable {
    case address(String)
    case account(Int64)
    case device(Int64)
    /// A person's token, by its digest, beside the account whose it is.
    case token([UInt8])

    /// Whom a request counts for; nil for the box itself, which is not limited.
    package init?(_ caller: Caller, _ head: RequestHead) {
        switch caller.actor {
        case .system: return nil
        case .guest: self = .address(head.clientAddress)
        case .device(let id): self = .device(id)
        case .user(let id):
            if let field = head.header("authorization") {
                self = .token(Digest.blake2b(Array(field.utf8)))
            } else {
                self = .account(id)
            }
        }
    }

    /// The word for it in a problem document.
    var kind: String {
        switch self {
        case .address: "address"
        case .account: "account"
        case .device: "device"
        case .token: "token"
        }
    }
}

/// Counts requests and refuses those beyond the rate, with the time to come back.
///
/// Each subject has one number, the time at which it would have used up nothing (the "generic cell
/// rate algorithm" of ITU-T I.371): a subject whose time has passed is as good as unknown, so it
/// can be forgotten. The table of each kind is bounded; while one is full of subjects at work,
/// newcomers of that kind share one number, so that nobody escapes by changing addresses.
package final class RateLimiter: Sendable {
    private struct Table {
        var due: [RateSubject: Int64] = [:]
        /// What newcomers share while the table is full.
        var shared: Int64 = .min
        var sweptAt: Int64 = .min
    }

    /// Full tables are swept at most this often, in nanoseconds.
    private static let sweepPause: Int64 = 100_000_000
    private static let second: Int64 = 1_000_000_000

    private let rate: Rate
    private let most: Int
    private let clock: @Sendable () -> Int64
    /// By kind, so that no flood of addresses takes the place of scanners.
    private let tables = Mutex<[String: Table]>([:])

    /// - Parameters:
    ///   - most: subjects of one kind that are counted apart.
    ///   - clock: nanoseconds of a clock that never goes back.
    package init(
        _ rate: Rate, most: Int = Limit.ratedSubjects,
        clock: @escaping @Sendable () -> Int64 = monotonicNanoseconds
    ) {
        self.rate = rate
        self.most = max(most, 1)
        self.clock = clock
    }

    /// Subjects that are remembered now.
    var count: Int { tables.withLock { $0.values.reduce(0) { $0 + $1.due.count } } }

    /// Counts one request of `subject`; throws `WebRefusal.rateLimited` when it is one too many. A
    /// refused request costs nothing, so whoever waits as told gets through.
    package func admit(_ subject: RateSubject) throws(WebRefusal) {
        let now = clock()
        let wait = tables.withLock { tables in
            take(subject, now, &tables[subject.kind, default: Table()])
        }
        guard wait > 0 else { return }
        let seconds = Int((wait + Self.second - 1) / Self.second)
        throw .rateLimited(seconds: max(seconds, 1), by: subject.kind)
    }

    /// Nanoseconds to wait; 0 when the request was counted.
    private func take(_ subject: RateSubject, _ now: Int64, _ table: inout Table) -> Int64 {
        let isKnown = table.due[subject] != nil
        if !isKnown && table.due.count >= most { sweep(&table, now) }
        let isShared = !isKnown && table.due.count >= most
        let before = isShared ? table.shared : table.due[subject] ?? .min
        // At most a thousand million a second, so never 0 and far from overflow.
        let interval = Self.second / Int64(rate.perSecond)
        let after = max(before, now) + interval
        let wait = after - now - interval * Int64(rate.burst)
        guard wait <= 0 else { return wait }
        if isShared { table.shared = after } else { table.due[subject] = after }
        return 0
    }

    private func sweep(_ table: inout Table, _ now: Int64) {
        guard table.sweptAt == .min || now - table.sweptAt >= Self.sweepPause else { return }
        table.sweptAt = now
        table.due = table.due.filter { $0.value > now }
    }
}

/// Nanoseconds since some moment, of a clock that nobody sets (CLOCK_MONOTONIC, clock_gettime(2)).
package let monotonicNanoseconds: @Sendable () -> Int64 = {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
