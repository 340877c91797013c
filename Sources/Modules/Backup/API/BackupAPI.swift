// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Kernel
import ModuleKit
import SealedStore
import Web

struct TargetView: WireRecord {
    let id: ID<Target>
    let name: String
    let kind: Choice<TargetKind>
    /// The folder, or the address that `sluicectl restore --from` takes; never a secret.
    let place: String
    /// Name of the key to a bucket; null for others.
    let accessKey: String?
    /// Fingerprints of the host of SFTP that was agreed to; empty for others.
    let hostKeys: [String]
    let createdAt: Instant
    let reachedAt: Instant?
    let commit: Int64
    let commitAt: Instant?
    let snapshotAt: Instant?
    let verifiedAt: Instant?
    /// Code of what keeps new work from getting there; null when all goes well.
    let fault: String?
    let faultWords: String
    let faultSince: Instant?
    /// What the last reading of all bytes found missing or changed, and since when that is known;
    /// null when it found everything whole.
    let damage: String?
    let damageSince: Instant?
    /// Snapshots in a row that it did not take.
    let snapshotTries: Int64
    /// When the next one is tried; a run that somebody asks for tries at once. Null when none failed.
    let snapshotAgainAt: Instant?
    /// What keys before the present one sealed here, the newest first.
    let olderKeys: [OlderPartView]
    /// Whether it is a folder on the same disk as the books, which one accident takes away together.
    let sameDisk: Bool

    init(_ target: Target, snapshotAt: Instant?, older parts: [OlderPart] = []) {
        id = target.id
        name = target.name
        kind = Choice(target.kind)
        place = target.place
        switch target.access?.place {
        case .s3(let bucket): (accessKey, hostKeys) = (bucket.accessKey, [])
        case .sftp(let folder): (accessKey, hostKeys) = (nil, folder.hostKeys)
        case .gateway, nil: (accessKey, hostKeys) = (nil, [])
        }
        createdAt = target.createdAt
        reachedAt = target.reachedAt
        commit = target.commit
        commitAt = target.commitAt
        self.snapshotAt = snapshotAt
        verifiedAt = target.verifiedAt
        fault = target.trouble?.code
        faultWords = target.trouble?.words ?? ""
        faultSince = target.trouble?.since
        damage = target.damage?.words
        damageSince = target.damage?.since
        snapshotTries = target.snapshotTries
        snapshotAgainAt = target.snapshotAgainAt
        olderKeys = parts.map { OlderPartView(keyEpoch: $0.epoch, verifiedAt: $0.verifiedAt) }
        sameDisk = target.sharesDisk
    }
}

/// What an older key sealed at a place. It is read without its key, so its seals are not opened.
struct OlderPartView: Codable, Sendable {
    let keyEpoch: Int64
    /// When every object was last found as its list says, and the list as it was left; null for never.
    let verifiedAt: Instant?
}

struct DrillView: WireRecord {
    let id: ID<Drill>
    let at: Instant
    let target: String
    let good: Bool
    let commit: Int64
    let lossSeconds: Int64
    let restoreMilliseconds: Int64
    let tables: Int64
    let rows: Int64
    let faults: String

    init(_ drill: Drill) {
        id = drill.id
        at = drill.at
        target = drill.target
        good = drill.isGood
        commit = drill.commit
        lossSeconds = drill.lossSeconds
        restoreMilliseconds = drill.restoreMilliseconds
        tables = drill.tables
        rows = drill.rows
        faults = drill.faults
    }
}

struct CaptureView: Codable, Sendable {
    let active: Bool
    /// The last commit that was captured, and when.
    let commit: Int64
    let at: Instant?
    let framesBehind: Int
    let bytes: Int
    /// What the last try failed with; null when it did not.
    let fault: String?
    let gapAt: Instant?
    let gapReason: String?

    init(_ status: SpoolStatus) {
        active = status.isCapturing
        commit = status.commit
        at = status.at
        framesBehind = status.framesBehind
        bytes = status.bytes
        fault = status.fault?.description
        gapAt = status.gap?.at
        gapReason = status.gap?.reason
    }
}

struct BackupView: WireRecord {
    /// Whether these books can be backed up; practice books cannot.
    let possible: Bool
    let verdict: Choice<Verdict>
    let concerns: [Choice<Concern>]
    let now: Instant
    /// The epoch of the key of these books: what it opens is brought back with the recovery key
    /// that these books have now.
    let keyEpoch: Int64
    let capture: CaptureView
    let targets: [TargetView]
    let lastDrill: DrillView?
    let lastGoodDrillAt: Instant?
}

struct PointView: Codable, Sendable {
    let target: ID<Target>
    /// The epoch of the key that opens it.
    let keyEpoch: Int64
    /// When the snapshot ended; every later commit of the stretch can be had.
    let at: Instant
    let commit: Int64
    let bytes: Int64
    /// The end of the stretch: the newest commit that can be had from this snapshot.
    let until: Instant
    let untilCommit: Int64

    init(_ keyed: KeyedPoint, _ target: Target) {
        let point = keyed.point
        self.target = target.id
        keyEpoch = keyed.epoch
        at = point.at
        commit = point.commit
        bytes = point.bytes
        until = point.until ?? max(point.at, target.commitAt ?? point.at)
        untilCommit = point.untilCommit ?? max(point.commit, target.commit)
    }
}

struct DrillsQuery: Codable, Sendable {
    let limit: PageLimit?
}

private let sees = Endpoint.Need.permission(BackupPermission.see)

/// State, targets, restore points, drills. Running a job now is the jobs' own endpoint.
func backupEndpoints(_ depot: Depot) -> [Route] { stateEndpoints + targetEndpoints(depot) }

private let stateEndpoints: [Route] = [
    .look(
        "/api/v1/backups", needs: sees, summary: "Tell how the backups do",
        query: NoQuery.self, answers: BackupView.self
    ) { _, _, tx in
        let facts = try facts(in: tx)
        let parts = try tx.olderParts()
        let concerns = BackupRule.concerns(facts)
        return BackupView(
            possible: tx.canBackUp, verdict: Choice(BackupRule.verdict(concerns)),
            concerns: concerns.map { Choice($0) }, now: tx.now,
            keyEpoch: tx.keyEpoch,
            capture: CaptureView(tx.spoolStatus),
            targets: facts.targets.map {
                TargetView($0, snapshotAt: facts.snapshots[$0.id], older: parts[$0.id] ?? [])
            },
            lastDrill: facts.lastDrill.map(DrillView.init),
            lastGoodDrillAt: facts.lastGoodDrill?.at)
    },
    .look(
        "/api/v1/backups/points", needs: sees,
        summary: "List the stretches of time that can be brought back, oldest first",
        query: NoQuery.self, answers: PageView<PointView>.self
    ) { _, _, tx in
        let points = try tx.backupTargets().flatMap { target in
            try tx.restorePoints(of: target.id).map { PointView($0, target) }
        }
        return PageView(items: points, next: nil)
    },
    .look(
        "/api/v1/backups/drills", needs: sees, summary: "List the newest drills, newest first",
        query: DrillsQuery.self, answers: PageView<DrillView>.self
    ) { query, _, tx in
        PageView(
            items: try tx.drills(limit: query.limit?.value ?? Limit.pageSizeDefault)
                .map(DrillView.init), next: nil)
    },
]
