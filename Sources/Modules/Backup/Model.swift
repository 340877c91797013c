// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Kernel

/// A place that keeps backups.
struct Target: IDNoun, Sendable, Equatable {
    static let prefix = "tgt"

    let id: ID<Target>
    let name: String
    let kind: TargetKind
    /// Full path of the folder, or the address without secrets, see `TargetAddress`.
    let place: String
    /// The way in, with its secrets, to one on another machine; nil for a folder.
    let access: ErrandTarget?
    let createdAt: Instant
    /// The epoch of the key with which we wrote there last.
    let epoch: Int64
    /// The newest index that we wrote there: its edition and hash. 0 before the first.
    let edition: Int64
    let indexHash: [UInt8]
    /// When everything that was captured was last there.
    let reachedAt: Instant?
    /// The newest commit that is there, and when it was captured.
    let commit: Int64
    let commitAt: Instant?
    /// When all objects were last read and found whole.
    let verifiedAt: Instant?
    /// Why it did not take or give something the last time; nil when all went well.
    let fault: TargetFault?
    /// Why it has not got the last snapshot that it should have; nil when it has.
    let snapshotFault: TargetFault?
    /// Snapshots in a row that it did not take, and when the next one is tried.
    let snapshotTries: Int64
    let snapshotAgainAt: Instant?
    /// What the last reading of all bytes found missing or changed; only another reading that finds
    /// everything whole ends it.
    let damage: TargetFault?

    /// Whether it is a folder on the same disk as the books.
    let sharesDisk: Bool

    /// What keeps new work from getting there.
    var trouble: TargetFault? { fault ?? snapshotFault }
}

/// The code under which an old state that somebody put back is told.
let targetRolledBackCode = "backup.target_rolled_back"

struct TargetFault: Sendable, Equatable {
    let code: String
    let words: String
    let since: Instant
}

enum TargetKind: String, Sendable, CaseIterable {
    case folder, s3, sftp
}

/// What a key before the present one sealed at a target. Nobody writes there any more, so its list
/// must stay as it was when the key was rotated.
struct OlderPart: Sendable, Equatable {
    let epoch: Int64
    /// Hash of the list of objects as it is kept there.
    let indexHash: [UInt8]
    /// When its objects were last read and found as that list says.
    let verifiedAt: Instant?
}

/// A snapshot at a target, and how far the commits behind it reach.
struct RestorePoint: Sendable, Equatable {
    let at: Instant
    let commit: Int64
    let bytes: Int64
    /// The newest commit that can be had from it; nil while it is the newest and grows.
    let until: Instant?
    let untilCommit: Int64?
}

/// A restore point with the epoch of the key that opens it.
struct KeyedPoint: Sendable, Equatable {
    let epoch: Int64
    let point: RestorePoint
}

/// A rehearsal of a restore, and how it ended.
struct Drill: IDNoun, Sendable, Equatable {
    static let prefix = "drl"

    let id: ID<Drill>
    let at: Instant
    let target: String
    let commit: Int64
    /// Seconds of work that would have been lost, had the box burnt down when the drill began.
    let lossSeconds: Int64
    /// Milliseconds from the first byte to checked books.
    let restoreMilliseconds: Int64
    let tables: Int64
    let rows: Int64
    /// What was wrong, one a line; empty for a good drill.
    let faults: String

    var isGood: Bool { faults.isEmpty }
}

/// Something about the backup that somebody should do something about.
enum Concern: String, Sendable, CaseIterable, Comparable {
    /// Nothing is backed up, because there is nowhere to.
    case noTarget = "no_target"
    /// Only this box opens the backup: its key file has no recovery key and no passphrase.
    case noRecoveryKey = "no_recovery_key"
    /// Something that a target kept is missing or was changed.
    case targetDamaged = "target_damaged"
    /// No whole snapshot, or the newest is older than two days.
    case snapshotOld = "snapshot_old"
    /// The last good drill is older than 26 hours, or there was none.
    case drillOld = "drill_old"
    case drillFailed = "drill_failed"
    /// A target did not take what it was given, or does not hold what it should.
    case targetFailing = "target_failing"
    /// Nothing new was brought to a target for a while, and nobody knows why: it may hang.
    case targetBehind = "target_behind"
    /// Commits are not captured.
    case captureFailing = "capture_failing"
    /// Commits were lost to the history, not to the books; the next snapshot heals it.
    case gap

    static func < (a: Concern, b: Concern) -> Bool { a.order < b.order }

    private var order: Int { Concern.allCases.firstIndex(of: self) ?? 0 }

    /// Whether it means that the newest work could not be brought back.
    var isGrave: Bool {
        switch self {
        case .noTarget, .noRecoveryKey, .targetDamaged, .drillFailed, .targetFailing,
            .targetBehind, .captureFailing:
            true
        case .snapshotOld, .drillOld, .gap: false
        }
    }
}

/// The state of all backups in one word.
enum Verdict: String, Sendable, CaseIterable {
    case good, attention, bad
}

/// What is known about the backups at a moment.
struct BackupFacts: Sendable, Equatable {
    var now: Instant
    var targets: [Target] = []
    /// When the newest whole snapshot ended, for each target that has one.
    var snapshots: [ID<Target>: Instant] = [:]
    var lastDrill: Drill?
    var lastGoodDrill: Drill?
    var isCapturing = false
    var captureFault: String?
    var gapAt: Instant?
    /// Whether these are books that can be backed up; practice books cannot.
    var isPossible = true
    /// Whether somebody without this box can open the backup.
    var hasRecovery = true
    /// When this run of the program opened the books; nil when that does not matter.
    var runningSince: Instant?
}

/// A concern that was told, and since when it lasts.
struct Alarm: Sendable, Equatable {
    let concern: Concern
    let since: Instant
}

/// A target as somebody asks for it.
struct TargetDraft: Sendable, Equatable {
    let name: String
    let kind: TargetKind
    let place: String
    /// The way in with its secrets; nil for a folder.
    let access: ErrandTarget?

    /// A folder.
    init(name: String, folder: String) {
        self.name = name
        kind = .folder
        place = folder
        access = nil
    }

    /// A target on another machine.
    init(name: String, access: ErrandTarget) {
        self.name = name
        kind = if case .s3 = access.place { .s3 } else { .sftp }
        place = access.address?.description ?? ""
        self.access = access
    }

    /// How the way in is kept in the sealed store; empty for a folder.
    var accessText: String { access.map { String(decoding: $0.bytes, as: UTF8.self) } ?? "" }

    /// What the journal hears, which is nothing of the way in.
    var facts: [String: Fact] {
        ["name": .text(name), "kind": .text(kind.rawValue), "place": .text(place)]
    }

    /// Whether it is on a host of which no key is known yet.
    var isHostUnknown: Bool {
        guard case .sftp(let folder) = access?.place else { return false }
        return folder.hostKeys == [ErrandTarget.noHostKey]
    }
}

extension TargetDraft {
    /// A target as it is.
    init(_ target: Target) {
        if let access = target.access {
            self.init(name: target.name, access: access)
        } else {
            self.init(name: target.name, folder: target.place)
        }
    }
}
