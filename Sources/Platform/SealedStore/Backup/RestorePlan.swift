// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// The moment that a restore brings back.
package enum RestoreGoal: Sendable, Equatable, CustomStringConvertible {
    case latest
    /// The last commit that was captured at this time.
    case time(Instant)
    case commit(Int64)

    package var description: String {
        switch self {
        case .latest: "the newest commit"
        case .time(let instant): "\(instant)"
        case .commit(let number): "commit \(number)"
        }
    }

    /// The goal as `sluicectl restore --to` takes it.
    package var argument: String {
        switch self {
        case .latest: "latest"
        case .time(let instant): "\(instant)"
        case .commit(let number): "\(number)"
        }
    }
}

/// The objects that bring a goal back: one snapshot and the packs behind it. Pure.
package struct RestorePlan: Sendable, Equatable {
    package let snapshot: BackupIndex.Entry
    package let packs: [BackupIndex.Pack]
    package let goal: RestoreGoal

    /// - Throws: `BackupFault.outOfReach`, `BackupFault.broken`, `PlanFault`.
    package init(_ index: BackupIndex, _ goal: RestoreGoal) throws {
        guard let first = try RestorePlan.candidates(index, goal).first else {
            throw BackupFault.outOfReach(goal.description)
        }
        self = first
    }

    private init(_ snapshot: BackupIndex.Entry, _ packs: [BackupIndex.Pack], _ goal: RestoreGoal) {
        self.snapshot = snapshot
        self.goal = goal
        self.packs = packs.filter { pack in
            if pack.first <= snapshot.sequence { return true }
            return switch goal {
            case .latest: true
            case .time(let instant): pack.from <= instant
            case .commit(let number): pack.commitBefore < number
            }
        }
    }

    /// All ways to the goal, each from another snapshot of one chain, the shortest first: the ones
    /// behind it are for the day on which a snapshot is damaged.
    ///
    /// What is newer is told by the place in the index and never by the clock, which may have been
    /// ahead.
    ///
    /// - Throws: `BackupFault.outOfReach`, `BackupFault.broken`; for the newest commit
    ///   `PlanFault.newestIsElsewhere`.
    package static func candidates(
        _ index: BackupIndex, _ goal: RestoreGoal
    ) throws -> [RestorePlan] {
        let usable = index.snapshots.filter { index.packs(behind: $0) != nil }
        let fitting = usable.filter { snapshot in
            switch goal {
            case .latest: true
            case .time(let instant): snapshot.ended <= instant
            case .commit(let number):
                snapshot.commit <= number && index.reach(behind: snapshot) >= number
            }
        }
        guard let newest = fitting.last else {
            if index.snapshots.count > usable.count {
                throw BackupFault.broken("a snapshot lacks the commits that make it whole")
            }
            throw BackupFault.outOfReach(goal.description)
        }
        if goal == .latest { try index.requireNothingNewer(than: newest) }
        let reached = index.lastSegment(behind: newest)
        return fitting.reversed().compactMap { snapshot in
            // An older one that does not come as far would bring back less without a word.
            guard snapshot.chain == newest.chain, index.lastSegment(behind: snapshot) >= reached
            else { return nil }
            return RestorePlan(snapshot, index.packs(behind: snapshot) ?? [], goal)
        }
    }
}

/// Why the newest commit of a backup cannot be had.
package enum PlanFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// Commits of a chain without a whole snapshot are newer than all that can be brought back: when
    /// the first and the last of them were captured, and the newest commit that can be had.
    case newestIsElsewhere(from: Instant, until: Instant, had: Int64, at: Instant)

    package var description: String {
        switch self {
        case .newestIsElsewhere(let from, let until, let had, let at):
            "the newest commits in the backup, captured from \(from) to \(until), have no snapshot "
                + "that they follow, so they cannot be brought back: a new chain had begun and its "
                + "first snapshot was not taken. The newest commit that can be had is \(had), "
                + "captured \(at); to bring that one back, say so: --to \(had)"
        }
    }
}

extension BackupIndex {
    /// The packs from the snapshot's log on, as far as they follow each other; nil when they do
    /// not even make the snapshot whole.
    package func packs(behind snapshot: Entry) -> [Pack]? {
        var next: Int64?
        var found: [Pack] = []
        for pack in packs where pack.chain == snapshot.chain && pack.last >= snapshot.logStart {
            if let next, pack.first != next { break }
            if next == nil, pack.first > snapshot.logStart { break }
            found.append(pack)
            next = pack.last + 1
        }
        let reached = found.last?.last ?? snapshot.logStart - 1
        return reached >= snapshot.sequence ? found : nil
    }

    /// The last segment that can be had from `snapshot`.
    fileprivate func lastSegment(behind snapshot: Entry) -> Int64 {
        max(snapshot.sequence, packs(behind: snapshot)?.last?.last ?? 0)
    }

    /// Looks whether a chain that cannot be had has come farther than `newest` can.
    fileprivate func requireNothingNewer(than newest: Entry) throws {
        let had = reach(behind: newest)
        let known = Set(snapshots.map(\.chain))
        // Snapshots behind the newest usable one lack commits that make them whole.
        let place = snapshots.lastIndex(of: newest) ?? snapshots.endIndex
        let broken = Set(snapshots[place...].map(\.chain)).subtracting([newest.chain])
        let last = packs.last?.chain
        let newer = packs.filter { pack in
            let isYoung = !known.contains(pack.chain) && (pack.commit > had || pack.chain == last)
            return isYoung || broken.contains(pack.chain)
        }
        guard let first = newer.first, let end = newer.last else { return }
        throw PlanFault.newestIsElsewhere(
            from: first.from, until: end.until, had: had,
            at: packs(behind: newest)?.last?.until ?? newest.ended)
    }

    func reach(behind snapshot: Entry) -> Int64 {
        max(snapshot.commit, packs(behind: snapshot)?.last?.commit ?? snapshot.commit)
    }

    /// Whether the chain has a snapshot from which every commit behind it can be had.
    package func isWhole(_ chain: ChainID) -> Bool {
        let last = packs.last { $0.chain == chain }?.last ?? 0
        return snapshots.contains { snapshot in
            guard snapshot.chain == chain, let behind = packs(behind: snapshot) else {
                return false
            }
            return (behind.last?.last ?? 0) == last || snapshot.sequence >= last
        }
    }

    /// The highest number that any commit has.
    package var commitMost: Int64 {
        max(snapshots.map(\.commit).max() ?? 0, packs.map(\.commit).max() ?? 0)
    }
}
