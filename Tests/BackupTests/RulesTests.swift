// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import TestKit
import Testing

@testable import Backup

/// Pure decisions: what is kept, and what is worth a word.
struct RulesTests {
    private static let hour: Int64 = 3_600_000_000
    private static let day = 24 * hour
    private let start = TestClock.monday

    private func at(_ hours: Int64) -> Instant {
        Instant(microseconds: start.microseconds + hours * Self.hour)
    }

    private func removable(
        _ copies: [Retention.Copy], _ runs: [Retention.Run], now: Instant
    ) -> Set<String> {
        Retention.removable(copies, runs, now: now, day: SiteZone.utc.day(of:))
    }

    /// Daily snapshots and hourly runs of one chain over `days`.
    private func history(days: Int64) -> ([Retention.Copy], [Retention.Run]) {
        let copies = (0..<days).map { day in
            Retention.Copy(
                name: "copy-\(day)", chain: "a", first: day * 24 + 1, last: day * 24 + 2,
                ended: at(day * 24), isWhole: true)
        }
        let runs = (0..<days * 24).map { hour in
            Retention.Run(
                name: "run-\(hour)", chain: "a", first: hour + 1, last: hour + 1,
                until: at(hour))
        }
        return (copies, runs)
    }

    @Test func `after a year 7 days, 5 weeks and 12 months are left, and a day to the commit`() {
        let (copies, runs) = history(days: 400)
        let gone = removable(copies, runs, now: at(399 * 24 + 12))
        let kept = copies.filter { !gone.contains($0.name) }
        // A few snapshots are day, week and month at once.
        #expect(kept.count >= Retention.months && kept.count <= 7 + 5 + 12 + 2)
        let months = Set(kept.map { SiteZone.utc.day(of: $0.ended).description.prefix(7) })
        #expect(months.count >= Retention.months)
        for hour in 398 * 24...399 * 24 + 11 { #expect(!gone.contains("run-\(hour)")) }
        #expect(gone.contains("run-\(300 * 24 + 5)"))
        // What makes a kept snapshot whole stays with it.
        for copy in kept { #expect(!gone.contains("run-\(copy.first - 1)"), "\(copy.name)") }
    }

    @Test func `without a whole snapshot nothing goes`() {
        let (copies, runs) = history(days: 60)
        let broken = copies.map {
            Retention.Copy(
                name: $0.name, chain: $0.chain, first: $0.first, last: $0.last, ended: $0.ended,
                isWhole: false)
        }
        #expect(removable(broken, runs, now: at(5000)) == [])
        #expect(removable([], runs, now: at(5000)) == [])
    }

    @Test func `at any time of any history the newest whole state and the last day stay`() {
        var dice = SeededDice()
        for round in 0..<300 {
            var copies: [Retention.Copy] = []
            var runs: [Retention.Run] = []
            var hour: Int64 = 0
            var chain = 0
            var sequence: Int64 = 0
            for step in 0..<Int.random(in: 1...80, using: &dice) {
                hour += Int64.random(in: 0...60, using: &dice)
                if Int.random(in: 0..<12, using: &dice) == 0 { (chain, sequence) = (chain + 1, 0) }
                sequence += 1
                runs.append(
                    Retention.Run(
                        name: "run-\(step)", chain: "\(chain)", first: sequence, last: sequence,
                        until: at(hour)))
                if Int.random(in: 0..<4, using: &dice) == 0 {
                    copies.append(
                        Retention.Copy(
                            name: "copy-\(step)", chain: "\(chain)", first: sequence,
                            last: sequence, ended: at(hour),
                            isWhole: Int.random(in: 0..<6, using: &dice) > 0))
                }
            }
            let now = at(hour + Int64.random(in: 0...100, using: &dice))
            let gone = removable(copies, runs, now: now)
            let note: Comment = "seed \(dice.seed), round \(round)"
            guard let newest = copies.last(where: \.isWhole) else {
                #expect(gone == [], note)
                continue
            }
            #expect(!gone.contains(newest.name), note)
            for run in runs where run.chain == newest.chain && run.last >= newest.first {
                #expect(!gone.contains(run.name), note)
            }
            for run in runs where run.until.microseconds > now.microseconds - Self.day {
                #expect(!gone.contains(run.name), note)
            }
            for copy in copies where copy.isWhole && !gone.contains(copy.name) {
                let parts = runs.filter {
                    $0.chain == copy.chain && $0.first >= copy.first && $0.last <= copy.last
                }
                #expect(parts.allSatisfy { !gone.contains($0.name) }, note)
            }
            // What is thinned out once is not thinned out differently the next minute.
            let left = (
                copies.filter { !gone.contains($0.name) }, runs.filter { !gone.contains($0.name) }
            )
            #expect(removable(left.0, left.1, now: now) == [], note)
        }
    }

    @Test func `a clock that was ahead lets nothing go that is newer than it looks`() {
        // Two chains of a day when the clock was ten days ahead, then days at the right time.
        let ahead = (0..<4).map { hour in
            Retention.Copy(
                name: "ahead-\(hour)", chain: "a", first: hour + 1, last: hour + 1,
                ended: at(240 + hour), isWhole: true)
        }
        let right = (0..<3).map { day in
            Retention.Copy(
                name: "right-\(day)", chain: "b", first: day + 1, last: day + 1,
                ended: at(4 + day * 24), isWhole: true)
        }
        let runs = (0..<3).map { day in
            Retention.Run(
                name: "run-\(day)", chain: "b", first: day + 1, last: day + 1,
                until: at(4 + day * 24))
        }
        let gone = removable(ahead + right, runs, now: at(80))
        #expect(!gone.contains("right-2") && !gone.contains("run-2"))
        // Once the time has come that they carry, the early ones are thinned out like all others.
        let later = removable(ahead + right, runs, now: at(400 * 24))
        #expect(!later.contains("right-2") && !later.contains("run-2"))
        #expect(later.contains("ahead-1"))
    }

    @Test
    func `a chain that waits for its first snapshot keeps its commits, whatever the clock says`() {
        let copy = Retention.Copy(
            name: "copy", chain: "a", first: 1, last: 1, ended: at(100), isWhole: true)
        let runs = [
            Retention.Run(name: "old", chain: "a", first: 1, last: 1, until: at(100)),
            Retention.Run(name: "new", chain: "b", first: 1, last: 1, until: at(0)),
        ]
        #expect(removable([copy], runs, now: at(200)) == [])
    }

    // MARK: What is worth a word

    private func target(
        fault: TargetFault? = nil, snapshotFault: TargetFault? = nil, damage: TargetFault? = nil,
        made: Int64 = -100, reached: Int64? = 1
    ) -> Target {
        Target(
            id: ID(1), name: "disk", kind: .folder, place: "/x", access: nil, createdAt: at(made),
            epoch: 1, edition: 1, indexHash: [], reachedAt: reached.map { at($0) }, commit: 5,
            commitAt: at(0), verifiedAt: nil, fault: fault, snapshotFault: snapshotFault,
            snapshotTries: 0, snapshotAgainAt: nil,
            damage: damage, sharesDisk: false)
    }

    private func drill(_ hours: Int64, faults: String = "") -> Drill {
        Drill(
            id: ID(1), at: at(hours), target: "disk", commit: 5, lossSeconds: 1,
            restoreMilliseconds: 100, tables: 3, rows: 4, faults: faults)
    }

    private func calm() -> BackupFacts {
        BackupFacts(
            now: at(1), targets: [target()], snapshots: [ID(1): at(0)], lastDrill: drill(0),
            lastGoodDrill: drill(0), isCapturing: true)
    }

    @Test func `when all is well there is no concern`() {
        #expect(BackupRule.concerns(calm()) == [])
        #expect(BackupRule.verdict([]) == .good)
    }

    @Test func `each thing that can be wrong has its concern`() {
        var facts = calm()
        facts.targets = []
        #expect(BackupRule.concerns(facts) == [.noTarget])
        facts = calm()
        facts.targets = [target(fault: TargetFault(code: "x", words: "", since: at(0)))]
        #expect(BackupRule.concerns(facts) == [.targetFailing])
        facts = calm()
        facts.targets = [
            target(fault: TargetFault(code: "backup.target_rolled_back", words: "", since: at(1)))
        ]
        #expect(BackupRule.concerns(facts) == [.targetFailing])
        facts.targets = [target(fault: TargetFault(code: "x", words: "", since: at(1)))]
        #expect(BackupRule.concerns(facts) == [])
        facts = calm()
        facts.targets = [target(snapshotFault: TargetFault(code: "x", words: "", since: at(0)))]
        #expect(BackupRule.concerns(facts) == [.targetFailing])
        facts = calm()
        facts.targets = [target(damage: TargetFault(code: "x", words: "", since: at(1)))]
        #expect(BackupRule.concerns(facts) == [.targetDamaged])
        facts = calm()
        facts.hasRecovery = false
        #expect(BackupRule.concerns(facts) == [.noRecoveryKey])
        facts = calm()
        facts.snapshots = [:]
        #expect(BackupRule.concerns(facts) == [.snapshotOld])
        facts = calm()
        facts.now = at(27)
        facts.targets = [target(reached: 27)]
        #expect(BackupRule.concerns(facts) == [.drillOld])
        facts = calm()
        facts.lastDrill = drill(1, faults: "a table differs")
        #expect(BackupRule.concerns(facts) == [.drillFailed])
        facts = calm()
        facts.captureFault = "full"
        #expect(BackupRule.concerns(facts) == [.captureFailing])
        facts = calm()
        facts.gapAt = at(0)
        #expect(BackupRule.concerns(facts) == [.gap])
    }

    @Test
    func `nothing new for a while is told, unless the box was off or the target never had any`() {
        var facts = calm()
        facts.targets = [target(reached: 0)]
        #expect(BackupRule.concerns(facts) == [.targetBehind])
        facts.runningSince = at(-5)
        #expect(BackupRule.concerns(facts) == [.targetBehind])
        facts.runningSince = at(1)
        #expect(BackupRule.concerns(facts) == [])
        facts = calm()
        facts.targets = [target(reached: nil)]
        #expect(BackupRule.concerns(facts) == [])
        // Why it is behind is known then.
        facts.targets = [
            target(fault: TargetFault(code: "x", words: "", since: at(0)), reached: 0)
        ]
        #expect(BackupRule.concerns(facts) == [.targetFailing])
    }

    @Test func `books that cannot be backed up raise no concern`() {
        let facts = BackupFacts(now: at(1), isPossible: false)
        #expect(BackupRule.concerns(facts) == [])
    }

    @Test func `a target that was just added is given time`() {
        var facts = calm()
        facts.now = at(0)
        facts.targets = [target(made: 0)]
        facts.snapshots = [:]
        (facts.lastDrill, facts.lastGoodDrill) = (nil, nil)
        #expect(BackupRule.concerns(facts) == [])
        // Unless it is known that it does not work.
        let fault = TargetFault(code: "x", words: "", since: at(0))
        facts.targets = [target(snapshotFault: fault, made: 0)]
        #expect(BackupRule.concerns(facts) == [.targetFailing])
    }

    @Test func `what could lose the newest work is bad, the rest wants attention`() {
        for concern in Concern.allCases {
            #expect(BackupRule.verdict([concern]) == (concern.isGrave ? .bad : .attention))
        }
    }
}
