// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel
import Synchronization

/// What each role may do. Rooms name their permissions; this table hands them out.
package struct RoleTable: Sendable {
    private let rights: [Role: Set<Permission>]
    /// A scanner scans, and nothing else.
    let device: Set<Permission>
    /// When rights were last taken from somebody.
    let takenBack = TakenBack()
    /// How often a password was checked.
    let checks = CheckCount()
    /// What passkeys sign.
    let challenges = Challenges()

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

/// Counts the password checks of a house: each costs 64 MiB and a fifth of a second.
final class CheckCount: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }

    func add() { count.add(1, ordering: .relaxed) }
}

/// Notes when rights were last taken back: a session ended, a device revoked, a role changed.
///
/// For as long as a look-up is trusted, none from before is used after that. The note is made in
/// the transaction that takes the rights, so it is there before the answer says so.
final class TakenBack: Sendable {
    private let last = Atomic<Int64>(.min / 2)

    func note(at now: Instant) { last.store(now.microseconds, ordering: .releasing) }

    func isRecent(at now: Instant) -> Bool {
        now.microseconds - last.load(ordering: .acquiring) <= Gatekeeper.trust
    }
}
