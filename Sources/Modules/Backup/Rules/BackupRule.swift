// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// When the state of the backups is worth a word.
enum BackupRule {
    static let targetsMost = 8
    static let drillHoursMost: Int64 = 26
    static let snapshotHoursMost: Int64 = 48
    /// A target may be out of reach for this long before anybody is told.
    static let targetMinutesMost: Int64 = 10
    /// After so long without a word from a shipment somebody is told. One that changes what a
    /// target holds is waited for for ten minutes.
    static let behindMinutesMost: Int64 = 20
    /// A gap is shown for this long after it was healed.
    static let gapHours: Int64 = 24

    /// What is to be said, gravest first.
    static func concerns(_ facts: BackupFacts) -> [Concern] {
        guard facts.isPossible else { return [] }
        guard !facts.targets.isEmpty else { return [.noTarget] }
        var found: Set<Concern> = []
        if !facts.hasRecovery { found.insert(.noRecoveryKey) }
        let now = facts.now.microseconds
        func isOlder(_ instant: Instant?, hours: Int64) -> Bool {
            instant.map { now - $0.microseconds > hours * 3_600_000_000 } ?? true
        }
        let begun = facts.targets.map(\.createdAt).min()
        let settled = isOlder(begun, hours: drillHoursMost)
        for target in facts.targets {
            found.formUnion(concerns(of: target, facts))
            let isNew = now - target.createdAt.microseconds < targetMinutesMost * 60_000_000
            if !isNew, isOlder(facts.snapshots[target.id], hours: snapshotHoursMost) {
                found.insert(.snapshotOld)
            }
        }
        if let last = facts.lastDrill, !last.isGood { found.insert(.drillFailed) }
        if settled, isOlder(facts.lastGoodDrill?.at, hours: drillHoursMost) {
            found.insert(.drillOld)
        }
        if !facts.isCapturing || facts.captureFault != nil { found.insert(.captureFailing) }
        if let gap = facts.gapAt, !isOlder(gap, hours: gapHours) { found.insert(.gap) }
        return found.sorted()
    }

    private static func concerns(of target: Target, _ facts: BackupFacts) -> Set<Concern> {
        func lasts(_ since: Instant?, minutes: Int64) -> Bool {
            since.map { facts.now.microseconds - $0.microseconds >= minutes * 60_000_000 } ?? false
        }
        var found: Set<Concern> = []
        if target.damage != nil { found.insert(.targetDamaged) }
        // One that has nothing yet holds nothing that could be enough for a while, and an old state
        // that somebody put back does not go by itself.
        let isUrgent =
            facts.snapshots[target.id] == nil || target.fault?.code == targetRolledBackCode
        let patience = isUrgent ? 0 : targetMinutesMost
        for fault in [target.fault, target.snapshotFault]
        where lasts(fault?.since, minutes: patience) {
            found.insert(.targetFailing)
        }
        // A box that was off has not shipped either.
        if target.fault == nil, let reached = target.reachedAt,
            lasts(max(reached, facts.runningSince ?? reached), minutes: behindMinutesMost)
        {
            found.insert(.targetBehind)
        }
        return found
    }

    static func verdict(_ concerns: [Concern]) -> Verdict {
        if concerns.isEmpty { return .good }
        return concerns.contains(where: \.isGrave) ? .bad : .attention
    }
}
