// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// How long a session lives.
enum SessionRule {
    /// Unused for this long it ends.
    static let idleSeconds: Int64 = 30 * 60
    /// However much it is used: a long working day.
    static let longestSeconds: Int64 = 12 * 3600
    /// The time of last use is written at most once in this many seconds.
    static let touchSeconds: Int64 = 60
    /// For how long a proof of who sits there counts.
    static let freshSeconds: Int64 = 5 * 60
    /// Sessions of a person; the one that was used longest ago makes room.
    static let most = 20
    /// Browsers of a person that are remembered, and for how long after their last sign-in.
    static let lanesMost = 20
    static let laneSeconds: Int64 = 180 * 86_400
    /// Characters kept of what a browser calls itself.
    static let agentLength = 200

    static func isAlive(_ session: Session, at now: Instant) -> Bool {
        let idle = now.microseconds - session.seenAt.microseconds
        let age = now.microseconds - session.createdAt.microseconds
        return idle < idleSeconds * 1_000_000 && age < longestSeconds * 1_000_000
    }

    static func isFresh(_ session: Session, at now: Instant) -> Bool {
        now.microseconds - session.provedAt.microseconds < freshSeconds * 1_000_000
    }
}

/// How long a sign-in waits for its second factor, and how often that may be wrong.
enum TicketRule {
    static let seconds: Int64 = 10 * 60
    static let failuresMost: Int64 = 5
    /// Tickets of a person; the oldest makes room.
    static let most = 64

    static func isGood(_ ticket: Ticket, at now: Instant) -> Bool {
        ticket.failures < failuresMost
            && now.microseconds - ticket.createdAt.microseconds < seconds * 1_000_000
    }
}

/// Passwords that somebody else gave.
enum OneTimeRule {
    /// A password that an administrator set must be replaced within a day.
    static let resetSeconds: Int64 = 86_400
    /// The first one, which an administrator typed for somebody new, within three days: a weekend.
    static let firstSeconds: Int64 = 3 * 86_400
    /// One that was printed on the box, within an hour.
    static let rescueSeconds: Int64 = 3600
}

/// What still stands between somebody and their work.
func standing(of user: User, mustHaveFactor: Bool) -> Standing {
    if user.oneTimeUntil != nil { return .mustSetPassword }
    return mustHaveFactor && user.strongFactors.isEmpty ? .mustEnrol : .full
}

/// How many recovery codes somebody has, and how they are written.
enum RecoveryRule {
    static let count = 10
    /// Characters of base 32: 125 bits. From 112 on a digest without salt and cost keeps them
    /// (OWASP ASVS 5.0, 6.5.2).
    static let length = 25
    /// Codes that were made before have so many, and stay good.
    static let lengths = [20, length]
    /// Characters between hyphens.
    static let group = 5

    /// `ABCDE-FGHJK-…`
    static func grouped(_ code: String) -> String {
        let characters = Array(code)
        return stride(from: 0, to: characters.count, by: group).map {
            String(characters[$0..<min($0 + group, characters.count)])
        }.joined(separator: "-")
    }

    /// What was typed, as it was made: hyphens and spaces away, and the letters that base 32 has not
    /// read as what they look like.
    static func plain(_ typed: String) -> String {
        let misread: [Character: Character] = ["O": "0", "I": "1", "L": "1"]
        return String(
            typed.uppercased().filter { $0 != "-" && !$0.isWhitespace }.map { misread[$0] ?? $0 })
    }
}

/// How many passkeys somebody may have.
enum PasskeyRule {
    static let most: Int64 = 20
}

/// Notices that are kept of a person.
enum NoticeRule {
    static let most = 50
}
