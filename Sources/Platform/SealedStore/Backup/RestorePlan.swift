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
}

/// The objects that bring a goal back: one snapshot and the packs behind it. Pure.
package struct RestorePlan: Sendable, Equatable {
    package let snapshot: BackupIndex.Entry
    package let packs: [BackupIndex.Pack]
    package let goal: RestoreGoal

    /// - Throws: `BackupFault.outOfReach`, `BackupFault.broken`.
    package init(_ index: BackupIndex, _ goal: RestoreGoal) throws {
        let usable = index.snapshots.filter { index.packs(behind: $0) != nil }
        let fitting: [BackupIndex.Entry] =
            switch goal {
            case .latest: usable
            case .time(let instant): usable.filter { $0.ended <= instant }
            case .commit(let number):
                usable.filter { $0.commit <= number && index.reach(behind: $0) >= number }
            }
        guard let snapshot = fitting.max(by: { $0.ended < $1.ended }),
            let packs = index.packs(behind: snapshot)
        else {
            if index.snapshots.count > usable.count {
                throw BackupFault.broken("a snapshot lacks the commits that make it whole")
            }
            throw BackupFault.outOfReach(goal.description)
        }
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
