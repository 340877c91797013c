// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// How long a session lives.
enum SessionRule {
    /// Unused for this long it ends: 30 minutes would sign a packer out between two pallets.
    static let idleSeconds: Int64 = 8 * 3600
    /// However much it is used: one working day.
    static let longestSeconds: Int64 = 16 * 3600
    /// The time of last use is written at most once in this many seconds.
    static let touchSeconds: Int64 = 60

    static func isAlive(_ session: Session, at now: Instant) -> Bool {
        let idle = now.microseconds - session.seenAt.microseconds
        let age = now.microseconds - session.createdAt.microseconds
        return idle < idleSeconds * 1_000_000 && age < longestSeconds * 1_000_000
    }
}

/// How failed tries slow down those that follow, without ever locking a person out for good.
enum ThrottleRule {
    /// Tries that cost nothing.
    static let free: Int64 = 5
    static let firstPauseSeconds: Int64 = 60
    static let longestPauseSeconds: Int64 = 3600
    /// Failures are forgotten after this long without one.
    static let forgetSeconds: Int64 = 86_400

    /// The state after one more failure at `now`.
    static func afterFailure(_ before: Throttle?, at now: Instant) throws -> Throttle {
        let failures = (before?.failures ?? 0) + 1
        guard failures >= free else { return Throttle(failures: failures, until: now) }
        // Doubles with each failure; the shift is bounded so that it cannot overflow.
        let pause = firstPauseSeconds << min(failures - free, 6)
        return Throttle(
            failures: failures,
            until: try now.adding(seconds: min(pause, longestPauseSeconds)))
    }
}

/// What makes a password good enough: length, and not being everybody's.
enum PasswordRule {
    static let least = 12
    static let most = 256

    static func require(
        _ password: String, unlike words: [String]
    ) throws(DoorRefusal) {
        guard password.count >= least else { throw .passwordTooShort(least: Int64(least)) }
        guard password.utf8.count <= most else { throw .passwordTooLong(most: Int64(most)) }
        let folded = password.lowercased()
        let core = folded.filter { $0.isLetter }
        guard Set(folded).count > 4, !commonWords.contains(folded), !commonWords.contains(core),
            !words.contains(where: { $0.count > 3 && core == $0.lowercased() })
        else { throw .passwordTooCommon }
    }

    /// What people type when twelve characters are asked of them. Compared as a whole and with
    /// everything but letters taken away, so that `Password2026!` is met too.
    private static let commonWords: Set<String> = [
        "password", "passwordpassword", "passw0rd", "administrator", "adminadmin", "qwertyuiop",
        "qwertyuiopas", "qwertyqwerty", "asdfghjkl", "asdfghjklzxc", "letmein", "letmeinletmein",
        "welcome", "welcomewelcome", "iloveyou", "iloveyouiloveyou", "changeme", "changemechangeme",
        "woaini", "woainiwoaini", "sluice", "sluicesluice", "warehouse", "cangku", "mima",
        "guanliyuan",
        "abcdefghijkl", "abcabcabcabc", "qazwsxedcrfv", "qazwsx", "zaqwsx", "monkey", "dragon",
        "football", "baseball", "sunshine", "princess", "superman", "batman", "trustno",
        "123456789012", "1234567890ab", "112233445566", "123123123123", "123456123456",
        "012345678901", "987654321098", "147258369147", "qwe123qwe123", "a1b2c3d4e5f6",
        "1q2w3e4r5t6y", "1qaz2wsx3edc", "q1w2e3r4t5y6",
    ]
}

/// What each role may do. Rooms name their permissions; this table hands them out.
package struct RoleTable: Sendable {
    private let rights: [Role: Set<Permission>]
    /// A scanner scans, and nothing else.
    let device: Set<Permission>
    /// When rights were last taken from somebody.
    let takenBack = TakenBack()

    /// - Parameter all: the permissions of every room.
    package init(_ all: [Permission]) {
        rights = [
            .administrator: Set(all),
            .warehouse: Set(all.filter { Self.looks.union(Self.handling).contains($0.code) }),
            .viewer: Set(all.filter { Self.looks.contains($0.code) }),
        ]
        device = Set(all.filter { Self.scanning.contains($0.code) })
    }

    package func permissions(of role: Role) -> Set<Permission> { rights[role] ?? [] }

    private static let looks: Set<String> = ["item.see", "stock.see", "parked.see"]
    private static let handling: Set<String> = [
        "stock.receive", "stock.ship", "stock.move", "stock.adjust", "scan.make",
    ]
    private static let scanning: Set<String> = ["scan.make"]
}
