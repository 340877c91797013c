// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel
package import ModuleKit
import Synchronization

/// What each role may do. Rooms name their permissions; this table hands them out.
package struct RoleTable: Sendable {
    /// The permissions of every room, in the order of the rooms.
    let all: [Permission]
    let dimensions: [RowDimension]
    let limits: [ActionLimit]
    let conflicts: [DutyConflict]
    private let rights: [ShippedRole: Set<Permission>]
    /// A scanner scans, and nothing else.
    let device: Set<Permission>
    /// When rights were last taken from somebody.
    let takenBack = TakenBack()
    /// How often a password was checked.
    let checks = CheckCount()
    /// What passkeys sign.
    let challenges = Challenges()

    /// - Parameters:
    ///   - all: the permissions of every room.
    ///   - dimensions: how rows belong to somebody; the others accordingly.
    package init(
        _ all: [Permission], dimensions: [RowDimension] = [], limits: [ActionLimit] = [],
        conflicts: [DutyConflict] = []
    ) {
        self.all = all
        self.dimensions = dimensions
        self.limits = limits
        self.conflicts = conflicts
        rights = Dictionary(
            uniqueKeysWithValues: ShippedRole.allCases.map { role in
                let codes = shippedRights(role)
                return (role, Set(all.filter { role == .owner || codes.contains($0.code) }))
            })
        device = Set(all.filter { Self.scanning.contains($0.code) })
    }

    /// What a role that comes with the house may do.
    package func permissions(of role: ShippedRole) -> Set<Permission> { rights[role] ?? [] }

    func dimension(_ dimension: Dimension) -> RowDimension? {
        dimensions.first { $0.dimension == dimension }
    }

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
/// The note is made in the transaction that takes the rights, so it is there before the answer says
/// so, and stands until the commit was, however long that takes: from the note until a look-up's
/// trust after the commit, everybody is looked up anew. What is looked up in between may be from
/// before, but is remembered by nobody.
final class TakenBack: Sendable {
    private let last = Atomic<Int64>(.min / 2)
    /// Whether a note was made whose commit is not known yet.
    private let isOpen = Atomic<Bool>(false)
    private let number = Atomic<Int64>(0)

    /// Grows with each note and again with its commit. Whoever was looked up at another number may
    /// have less by now.
    var count: Int64 { number.load(ordering: .acquiring) }

    func note(at now: Instant) {
        last.store(now.microseconds, ordering: .releasing)
        isOpen.store(true, ordering: .releasing)
        number.add(1, ordering: .acquiringAndReleasing)
    }

    /// Rights ended by themselves, which no commit tells.
    func pass(at now: Instant) {
        last.store(max(now.microseconds, last.load(ordering: .acquiring)), ordering: .releasing)
        number.add(1, ordering: .acquiringAndReleasing)
    }

    /// Whatever was noted is committed. Called on the writer's thread, which makes the notes, too.
    func settle(at now: Instant) {
        guard isOpen.load(ordering: .acquiring) else { return }
        last.store(max(now.microseconds, last.load(ordering: .acquiring)), ordering: .releasing)
        number.add(1, ordering: .acquiringAndReleasing)
        isOpen.store(false, ordering: .releasing)
    }

    func isRecent(at now: Instant) -> Bool {
        isOpen.load(ordering: .acquiring)
            || now.microseconds - last.load(ordering: .acquiring) <= Gatekeeper.trust
    }
}
