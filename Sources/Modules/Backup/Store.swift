// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Kernel
import SealedStore

private let targetColumns = """
    id, name, kind, place, created_us, edition, index_hash, reached_us, commit_number, commit_us,
    verified_us, fault, fault_words, fault_us, access, epoch, damage_words, damage_us,
    snapshot_fault, snapshot_words, snapshot_us, shares_disk, snapshot_tries, snapshot_again_us
    """
/// The code under which damage is told; see `BackupRefusal.targetDamaged`.
let targetDamagedCode = "backup.target_damaged"
private let drillColumns = """
    id, at_us, target, commit_number, loss_seconds, restore_ms, tables, row_count, faults
    """

extension ReadTransaction {
    /// All targets, in the order of their making; there are few.
    func backupTargets() throws -> [Target] {
        try all("SELECT \(targetColumns) FROM backup_target ORDER BY id", [], Target.init(row:))
    }

    func backupTarget(_ id: ID<Target>) throws -> Target? {
        try first(
            "SELECT \(targetColumns) FROM backup_target WHERE id = ?", [id.raw], Target.init(row:))
    }

    /// When the newest whole snapshot of each target ended.
    func snapshotTimes() throws -> [ID<Target>: Instant] {
        let rows = try all(
            "SELECT target_id, max(at_us) FROM backup_point GROUP BY target_id", []
        ) { (ID<Target>($0.int64(0)), $0.instant(1)) }
        return Dictionary(rows) { first, _ in first }
    }

    /// What can be brought back from a target, oldest first.
    func restorePoints(of id: ID<Target>) throws -> [KeyedPoint] {
        try all(
            """
            SELECT at_us, commit_number, byte_count, until_us, until_commit, epoch
            FROM backup_point WHERE target_id = ? ORDER BY at_us, commit_number
            """, [id.raw]
        ) {
            KeyedPoint(
                epoch: $0.int64(5),
                point: RestorePoint(
                    at: $0.instant(0), commit: $0.int64(1), bytes: $0.int64(2),
                    until: $0.instantOrNil(3), untilCommit: $0.int64OrNil(4)))
        }
    }

    /// What older keys sealed at each target, as it was left; the newest key first.
    func olderParts() throws -> [ID<Target>: [OlderPart]] {
        let rows = try all(
            """
            SELECT target_id, epoch, index_hash, verified_us FROM backup_part
            ORDER BY target_id, epoch DESC
            """, []
        ) {
            (
                ID<Target>($0.int64(0)),
                OlderPart(
                    epoch: $0.int64(1), indexHash: $0.bytes(2), verifiedAt: $0.instantOrNil(3))
            )
        }
        return Dictionary(grouping: rows, by: \.0).mapValues { $0.map(\.1) }
    }

    /// The newest drills, newest first.
    func drills(limit: Int) throws -> [Drill] {
        try all(
            "SELECT \(drillColumns) FROM backup_drill ORDER BY id DESC LIMIT ?", [limit],
            Drill.init(row:))
    }

    func lastGoodDrill() throws -> Drill? {
        try first(
            "SELECT \(drillColumns) FROM backup_drill WHERE faults = '' ORDER BY id DESC LIMIT 1",
            [], Drill.init(row:))
    }

    func drillCount() throws -> Int64 {
        try integer("SELECT count(*) FROM backup_drill", []) ?? 0
    }

    func alarms() throws -> [Alarm] {
        try all("SELECT concern, since_us FROM backup_alarm ORDER BY since_us, concern", []) {
            Alarm(concern: try stored($0.text(0)), since: $0.instant(1))
        }
    }
}

extension WriteTransaction {
    func addTarget(
        _ draft: TargetDraft, epoch: Int64, sharesDisk: Bool = false
    ) throws -> ID<Target> {
        ID(
            try insert(
                """
                INSERT INTO backup_target (name, kind, place, access, epoch, created_us,
                    shares_disk)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    draft.name, draft.kind.rawValue, draft.place, draft.accessText, epoch, now,
                    sharesDisk ? 1 : 0,
                ]))
    }

    /// Sets how a target is got into. At another place it starts with nothing.
    func setAccess(_ id: ID<Target>, _ draft: TargetDraft) throws {
        try run(
            """
            UPDATE backup_target SET
                edition = iif(place = ?2, edition, 0),
                index_hash = iif(place = ?2, index_hash, x''),
                verified_us = iif(place = ?2, verified_us, NULL),
                damage_words = iif(place = ?2, damage_words, NULL),
                damage_us = iif(place = ?2, damage_us, NULL),
                place = ?2, access = ?3, fault = NULL, fault_words = '', fault_us = NULL,
                snapshot_fault = NULL, snapshot_words = NULL, snapshot_us = NULL,
                snapshot_tries = 0, snapshot_again_us = NULL
            WHERE id = ?1
            """, [id.raw, draft.place, draft.accessText])
    }

    func removeTarget(_ id: ID<Target>) throws {
        try run("DELETE FROM backup_target WHERE id = ?", [id.raw])
    }

    /// Notes what the target now holds, and that it can be reached. A note of the platform, not
    /// news: it changes every minute. What is damaged there stays damaged.
    func noteReached(
        _ id: ID<Target>, epoch: Int64, edition: Int64, hash: [UInt8], commit: Int64,
        commitAt: Instant?, sharesDisk: Bool
    ) throws {
        try runUntold(
            """
            UPDATE backup_target SET epoch = ?, edition = ?, index_hash = ?, reached_us = ?,
                commit_number = ?, commit_us = ?, shares_disk = ?, fault = NULL, fault_words = '', fault_us = NULL
            WHERE id = ?
            """, [epoch, edition, hash, now, commit, commitAt, sharesDisk ? 1 : 0, id.raw])
    }

    /// Puts what can be brought back with the key of an epoch in the place of what was noted
    /// before. What an older key opens stays noted.
    func setRestorePoints(_ points: [RestorePoint], epoch: Int64, of id: ID<Target>) throws {
        try forgetRestorePoints(epoch: epoch, of: id)
        for point in points {
            try runUntold(
                """
                INSERT INTO backup_point (target_id, epoch, commit_number, at_us, byte_count,
                    until_us, until_commit)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    id.raw, epoch, point.commit, point.at, point.bytes, point.until,
                    point.untilCommit,
                ])
        }
    }

    func forgetRestorePoints(epoch: Int64, of id: ID<Target>) throws {
        try runUntold(
            "DELETE FROM backup_point WHERE target_id = ? AND epoch = ?", [id.raw, epoch])
    }

    /// Keeps in mind which list a target held, before `noteReached` names that of a newer key.
    func keepPart(of target: Target) throws {
        guard target.edition > 0, target.indexHash.count == 32 else { return }
        try runUntold(
            """
            INSERT INTO backup_part (target_id, epoch, index_hash) VALUES (?, ?, ?)
            ON CONFLICT (target_id, epoch)
            DO UPDATE SET index_hash = excluded.index_hash, verified_us = NULL
            """, [target.id.raw, target.epoch, target.indexHash])
    }

    func noteVerifiedPart(epoch: Int64, of id: ID<Target>) throws {
        try runUntold(
            "UPDATE backup_part SET verified_us = ? WHERE target_id = ? AND epoch = ?",
            [now, id.raw, epoch])
    }

    /// Forgets the list of one older key, or of all.
    func forgetParts(epoch: Int64? = nil, of id: ID<Target>) throws {
        try runUntold(
            "DELETE FROM backup_part WHERE target_id = ?1 AND epoch = coalesce(?2, epoch)",
            [id.raw, epoch])
    }

    /// Ends the points of older keys at what a target held before `noteReached` says otherwise.
    func endOlderPoints(of target: Target, before epoch: Int64) throws {
        try runUntold(
            """
            UPDATE backup_point SET until_us = max(at_us, coalesce(?3, at_us)),
                until_commit = max(commit_number, ?4)
            WHERE target_id = ?1 AND epoch < ?2 AND until_us IS NULL
            """, [target.id.raw, epoch, target.commitAt, target.commit])
    }

    /// Notes that all bytes of a target were read and found whole.
    func noteVerified(_ id: ID<Target>) throws {
        try runUntold(
            "UPDATE backup_target SET verified_us = ?, damage_words = NULL, damage_us = NULL "
                + "WHERE id = ?", [now, id.raw])
    }

    /// Notes what is missing or was changed at a target; the time of the first reading that found
    /// something stays.
    func noteDamage(_ id: ID<Target>, words: String) throws {
        try runUntold(
            """
            UPDATE backup_target SET damage_words = ?, damage_us = coalesce(damage_us, ?)
            WHERE id = ?
            """, [words, now, id.raw])
    }

    /// Notes what went wrong; the time of the first failure in a row stays.
    func noteFault(_ id: ID<Target>, code: String, words: String) throws {
        try runUntold(
            """
            UPDATE backup_target SET fault = ?, fault_words = ?,
                fault_us = coalesce(fault_us, ?)
            WHERE id = ?
            """, [code, words, now, id.raw])
    }

    /// Notes why a target did not get a snapshot, and when the next one is tried; the time of the
    /// first failure in a row stays.
    func noteSnapshotFault(_ id: ID<Target>, code: String, words: String) throws {
        let known = try integer("SELECT snapshot_tries FROM backup_target WHERE id = ?", [id.raw])
        let tries = (known ?? 0) + 1
        try runUntold(
            """
            UPDATE backup_target SET snapshot_fault = ?, snapshot_words = ?,
                snapshot_us = coalesce(snapshot_us, ?), snapshot_tries = ?, snapshot_again_us = ?
            WHERE id = ?
            """,
            [
                code, words, now, tries,
                try now.adding(seconds: SnapshotPause.seconds(after: tries)), id.raw,
            ])
    }

    func clearSnapshotFault(_ id: ID<Target>) throws {
        try runUntold(
            """
            UPDATE backup_target SET snapshot_fault = NULL, snapshot_words = NULL,
                snapshot_us = NULL, snapshot_tries = 0, snapshot_again_us = NULL
            WHERE id = ? AND snapshot_fault IS NOT NULL
            """, [id.raw])
    }

    func keep(_ drill: Drill) throws {
        try run(
            """
            INSERT INTO backup_drill (at_us, target, commit_number, loss_seconds, restore_ms,
                tables, row_count, faults)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                drill.at, drill.target, drill.commit, drill.lossSeconds,
                drill.restoreMilliseconds, drill.tables, drill.rows, drill.faults,
            ])
    }

    func raise(_ concern: Concern) throws {
        try run(
            "INSERT INTO backup_alarm (concern, since_us) VALUES (?, ?)", [concern.rawValue, now])
    }

    func clear(_ concern: Concern) throws {
        try run("DELETE FROM backup_alarm WHERE concern = ?", [concern.rawValue])
    }
}

extension Target {
    fileprivate init(row: Row) throws {
        func fault(_ code: String?, _ words: Int, _ since: Int) -> TargetFault? {
            code.map {
                TargetFault(
                    code: $0, words: row.textOrNil(words) ?? "",
                    since: row.instantOrNil(since) ?? Instant(microseconds: 0))
            }
        }
        let isDamaged = row.textOrNil(16) != nil
        self.init(
            id: ID(row.int64(0)), name: row.text(1), kind: try stored(row.text(2)),
            place: row.text(3), access: try ErrandTarget(stored: row.text(14)),
            createdAt: row.instant(4), epoch: row.int64(15), edition: row.int64(5),
            indexHash: row.bytes(6), reachedAt: row.instantOrNil(7), commit: row.int64(8),
            commitAt: row.instantOrNil(9), verifiedAt: row.instantOrNil(10),
            fault: fault(row.textOrNil(11), 12, 13),
            snapshotFault: fault(row.textOrNil(18), 19, 20),
            snapshotTries: row.int64(22), snapshotAgainAt: row.instantOrNil(23),
            damage: fault(isDamaged ? targetDamagedCode : nil, 16, 17),
            sharesDisk: row.int64(21) != 0)
    }
}

extension ErrandTarget {
    /// Reads what `TargetDraft.accessText` wrote; nil for a folder.
    fileprivate init?(stored text: String) throws {
        guard !text.isEmpty else { return nil }
        try self.init(reading: Array(text.utf8))
    }
}

extension Drill {
    fileprivate init(row: Row) {
        self.init(
            id: ID(row.int64(0)), at: row.instant(1), target: row.text(2), commit: row.int64(3),
            lossSeconds: row.int64(4), restoreMilliseconds: row.int64(5), tables: row.int64(6),
            rows: row.int64(7), faults: row.text(8))
    }
}
