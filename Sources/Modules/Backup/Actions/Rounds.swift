// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Journal
import Kernel
package import Outbox
package import SealedStore

/// One round over all targets: what was captured is brought there, and a snapshot when one is due.
struct Round {
    private let depot: Depot
    private let store: SealedStore
    private let caller: Caller
    private let isAsked: Bool
    private let report: @Sendable (Int) -> Void
    /// Rounds in between, while a snapshot or drill takes long, are this many seconds apart.
    static let apartSeconds: Int64 = 45
    /// Above this share of the spool, what one target has may go although another lacks it.
    static let crowded = 2 << 30

    /// - Parameter isAsked: whether a person asked for it: then no target is left alone.
    init(
        _ depot: Depot, _ store: SealedStore, by caller: Caller, isAsked: Bool = false,
        report: @escaping @Sendable (Int) -> Void
    ) {
        self.depot = depot
        self.store = store
        self.caller = caller
        self.isAsked = isAsked
        self.report = report
    }

    /// Brings everything to all targets. Returns one line about it.
    ///
    /// - Parameter takesSnapshot: takes one even when none is due.
    /// - Throws: the failure of the last target that failed, when all others are done.
    func run(takesSnapshot: Bool = false) throws -> String {
        guard store.canBackUp else { return "practice books are not backed up" }
        return try depot.alone { try carryOut(takesSnapshot: takesSnapshot) }
    }

    private func carryOut(takesSnapshot: Bool) throws -> String {
        let targets = try store.read { try $0.backupTargets() }
        guard !targets.isEmpty else {
            store.endCapture()
            return "no target"
        }
        let stands = targets.map { Stand($0) }
        for stand in stands { attempt(stand) { try fetch(stand) } }
        try store.beginCapture(after: stands.map(\.commitMost).max() ?? 0)
        // What cannot be captured now is in the store's status; what was captured still goes out.
        try? store.captureNow()
        let lacking = stands.filter { stand in
            guard stand.failure == nil, let chain = store.spoolStatus.chain else { return false }
            return takesSnapshot || !stand.index.isWhole(chain)
        }
        let moment = try now()
        let due = lacking.filter {
            takesSnapshot || isAsked
                || SnapshotPause.isOver($0.target.snapshotAgainAt, now: moment)
        }
        if !due.isEmpty { takeSnapshot(for: due, among: stands) }
        var shipped: [Set<String>] = []
        for stand in stands where stand.failure == nil {
            attempt(stand) { shipped.append(Set(try ship(stand))) }
        }
        forget(shipped, isComplete: shipped.count == targets.count)
        for stand in stands { try note(stand) }
        if let failure = stands.compactMap({ $0.failure ?? $0.snapshotFailure }).last {
            throw failure
        }
        let commit = stands.map { $0.reached.commit }.min() ?? 0
        let waiting = lacking.count - due.count
        return "commit \(commit)" + (due.isEmpty ? "" : ", with a snapshot")
            + (waiting == 0 ? "" : ", \(waiting) without a snapshot until its pause is over")
    }

    /// A target during a round.
    final class Stand {
        let target: Target
        var place: (any BackupTarget)?
        var index = BackupIndex()
        var indexHash: [UInt8] = []
        var keys: [UInt8] = []
        var sharesDisk = false
        var snapshot: Snapshot?
        var hasNewSnapshot = false
        /// Parts of the snapshot that were brought there, or begun.
        var given: [String] = []
        /// Why it does not take or give what it should.
        var failure: (any Error)?
        /// Why it does not get the snapshot that is due. Commits go there all the same.
        var snapshotFailure: (any Error)?
        /// Whether the books know of that: it counts as one try, however often a round notes.
        var isSnapshotNoted = false

        init(_ target: Target) { self.target = target }

        var getsSnapshot: Bool { failure == nil && snapshotFailure == nil }
        var snapshotNote: SnapshotNote {
            // One that was begun and did not come to its end, for whatever reason, is one try.
            let isCut = !given.isEmpty && !hasNewSnapshot
            if let why = snapshotFailure ?? (isCut ? failure : nil) {
                return isSnapshotNoted ? .unchanged : .failed(wording(of: why))
            }
            return hasNewSnapshot ? .taken : .unchanged
        }
        /// The highest number that a commit has here, or had when we wrote here last.
        var commitMost: Int64 { max(index.commitMost, target.commit) }

        /// The newest commit that can be brought back from here.
        var reached: (commit: Int64, at: Instant?) {
            let newest = index.snapshots.last?.chain ?? index.packs.last?.chain
            let reach = newest.flatMap { index.reach(of: $0) }
            return (reach?.commit ?? 0, reach?.at)
        }
    }

    /// What a round says about a target's newest snapshot.
    enum SnapshotNote: Sendable {
        case unchanged, taken
        case failed((code: String, words: String))

        var isFailure: Bool { if case .failed = self { true } else { false } }
    }

    private func attempt(_ stand: Stand, _ work: () throws -> Void) {
        do {
            try work()
        } catch {
            stand.failure = named(error, stand.target)
        }
    }

    private func fetch(_ stand: Stand) throws {
        let place = try depot.open(stand.target, for: store)
        stand.place = place
        stand.sharesDisk = try depot.sharesDisk(stand.target, with: store)
        let keys = try store.wrappedKeys()
        if let known = depot.remembered(stand.target) {
            (stand.index, stand.keys) = (known.index, known.keys)
        } else {
            stand.index = try heldIndex(
                of: stand.target, at: place, store, known: depot.lastIndex(of: stand.target))
            stand.keys = try place.get(BackupIndex.keyFileName) ?? []
        }
        if stand.index.edition == 0, stand.keys != keys { try requireNobodyElse(place, store) }
        if stand.keys != keys { try place.put(BackupIndex.keyFileName, keys) }
        stand.keys = keys
        stand.index.noteKeys(keys)
    }

    /// Takes one snapshot for all that need one. What fails is noted for whom it concerns, and
    /// keeps nobody from getting what was captured.
    private func takeSnapshot(for due: [Stand], among stands: [Stand]) {
        // What an earlier try left, and could not be taken away then, makes room first.
        for stand in due where stand.target.snapshotTries > 0 {
            if let place = stand.place { _ = try? sweepAll(place, stand.index) }
        }
        do {
            try copyStore(for: due, among: stands)
        } catch {
            for stand in due where stand.getsSnapshot {
                stand.snapshot = nil
                stand.snapshotFailure = named(error, stand.target)
            }
        }
        for stand in due where !stand.getsSnapshot { takeAway(stand) }
    }

    /// Removes what came of a snapshot to a target that does not get the rest: where there is little
    /// room, commits need it. What cannot be removed now goes when backups are thinned out.
    private func takeAway(_ stand: Stand) {
        guard stand.failure == nil, let place = stand.place else { return }
        for name in stand.given {
            guard (try? place.delete(name)) != nil else { return }
        }
    }

    private func copyStore(for due: [Stand], among stands: [Stand]) throws {
        var notes = SnapshotNotes()
        if let last = try store.read({ try $0.journal(after: $0.journalHead() - 1, limit: 1).first }
        ) {
            (notes.journalSeq, notes.journalHash) = (last.seq, last.hash)
        }
        var last = try now()
        let snapshot = try store.takeSnapshot(notes) { name, bytes in
            for stand in due where stand.getsSnapshot { give(stand, name, bytes) }
            if let failure = due.compactMap({ $0.failure ?? $0.snapshotFailure }).last,
                due.allSatisfy({ !$0.getsSnapshot })
            {
                throw failure
            }
            // Commits go on meanwhile, and must not wait for a large snapshot.
            if try now().microseconds - last.microseconds > Round.apartSeconds * 1_000_000 {
                shipMeanwhile(stands)
                last = try now()
            }
        } progress: { done, total in
            report(done * 100 / max(1, total))
        }
        for stand in due where stand.getsSnapshot {
            stand.snapshot = snapshot.following(stand.index.snapshots.last?.hash)
        }
        let taken = Int64(due.count { $0.getsSnapshot })
        try store.write { tx in
            try tx.tell(
                BackupEvent.snapshotTaken, about: "backup",
                [
                    "commit": .integer(snapshot.commit), "bytes": .integer(snapshot.bytes),
                    "targets": .integer(taken),
                ], by: caller)
        }
        try? store.captureNow()
    }

    /// Gives a target a part of a snapshot. A target that is full may still have room for commits;
    /// one that is out of reach, or hangs, is not tried again in this round.
    private func give(_ stand: Stand, _ name: String, _ bytes: [UInt8]) {
        stand.given.append(name)
        do {
            try stand.place?.put(name, bytes)
        } catch {
            stand.snapshotFailure = named(error, stand.target)
            if isOutOfReach(error) { stand.failure = stand.snapshotFailure }
        }
    }

    private func isOutOfReach(_ error: any Error) -> Bool {
        switch error {
        case CarryFault.undone(.targetFull, _): false
        case is CarryFault, BackupFault.silent: true
        default: false
        }
    }

    private func shipMeanwhile(_ stands: [Stand]) {
        try? store.captureNow()
        for stand in stands where stand.failure == nil {
            attempt(stand) { try ship(stand) }
            if stand.failure == nil { try? note(stand) }
        }
    }

    @discardableResult
    private func ship(_ stand: Stand) throws -> [String] {
        guard let place = stand.place else { return [] }
        let anchor = try store.read { try $0.journalAnchors(limit: 1).first }
        let shipment = try store.ship(
            to: place, stand.index, snapshot: stand.snapshot, anchor: anchor?.line)
        if stand.snapshot != nil { stand.hasNewSnapshot = true }
        stand.snapshot = nil
        stand.index = shipment.index
        stand.indexHash = shipment.indexHash
        return shipment.segments
    }

    private func forget(_ shipped: [Set<String>], isComplete: Bool) {
        guard let first = shipped.first else { return }
        if isComplete {
            store.forgetSegments(Array(shipped.reduce(first) { $0.intersection($1) }))
        } else if store.spoolStatus.bytes > Round.crowded {
            store.forgetSegments(Array(first))
        }
    }

    private func note(_ stand: Stand) throws {
        let target = stand.target
        let id = target.id
        let snapshot = stand.snapshotNote
        if let failure = stand.failure {
            depot.forget(stand.target)
            // Not the target's fault, and tried again soon.
            if let refusal = failure as? RemoteRefusal, refusal.fault == .stopping { return }
            let (code, words) = wording(of: failure)
            try store.write { tx in
                try tx.noteFault(id, code: code, words: words)
                try tx.note(snapshot, of: id)
            }
            if snapshot.isFailure { stand.isSnapshotNoted = true }
            return
        }
        let epoch = store.keyEpoch
        depot.remember(
            stand.target,
            Depot.Memory(
                place: stand.target.place, epoch: epoch, index: stand.index,
                hash: stand.indexHash, keys: stand.keys))
        let (edition, hash) = (stand.index.edition, stand.indexHash)
        let (commit, commitAt) = stand.reached
        let points = restorePoints(stand.index)
        let sharesDisk = stand.sharesDisk
        try store.write { tx in
            if target.epoch < epoch {
                try tx.endOlderPoints(of: target, before: epoch)
                try tx.keepPart(of: target)
            }
            try tx.noteReached(
                id, epoch: epoch, edition: edition, hash: hash, commit: commit,
                commitAt: commitAt, sharesDisk: sharesDisk)
            try tx.note(snapshot, of: id)
            let known = try tx.restorePoints(of: id).filter { $0.epoch == epoch }.map(\.point)
            if known != points { try tx.setRestorePoints(points, epoch: epoch, of: id) }
        }
        if snapshot.isFailure { stand.isSnapshotNoted = true }
    }

    private func now() throws -> Instant { try store.read { $0.now } }
}

extension WriteTransaction {
    fileprivate func note(_ snapshot: Round.SnapshotNote, of id: ID<Target>) throws {
        switch snapshot {
        case .unchanged: break
        case .taken: try clearSnapshotFault(id)
        case .failed(let why): try noteSnapshotFault(id, code: why.code, words: why.words)
        }
    }
}

/// What can be brought back from a target, oldest first.
func restorePoints(_ index: BackupIndex) -> [RestorePoint] {
    let newest = index.snapshots.last
    return index.snapshots.compactMap { snapshot in
        guard let packs = index.packs(behind: snapshot) else { return nil }
        let last = packs.last
        return RestorePoint(
            at: snapshot.ended, commit: snapshot.commit, bytes: snapshot.bytes,
            until: snapshot == newest ? nil : max(snapshot.ended, last?.until ?? snapshot.ended),
            untilCommit: snapshot == newest ? nil : max(snapshot.commit, last?.commit ?? 0))
    }
}

/// A failure of a target as a refusal with its name.
func named(_ error: any Error, _ target: Target) -> any Error {
    switch error {
    case let fault as BackupFault:
        BackupRefusal.targetFailed(name: target.name, reason: fault.description)
    case let fault as CarryFault: RemoteRefusal(fault, name: target.name)
    default: error
    }
}

/// The code of a failure and its words for a person.
func wording(of failure: any Error) -> (code: String, words: String) {
    switch failure {
    case BackupRefusal.targetFailed(_, let reason): ("backup.target_failed", reason)
    case BackupRefusal.targetDamaged(_, let reason): ("backup.target_damaged", reason)
    case let refusal as RemoteRefusal: (refusal.code, refusal.fault.description)
    case let refusal as any Refusal: (refusal.code, "")
    default: ("internal", "\(failure)")
    }
}

/// Brings everything that was captured to all targets, for a command that holds the books alone.
/// Returns a sentence for each target that did not take it.
package func bringEverything(
    from store: SealedStore, by runner: any ErrandRunner, through files: ErrandFolder
) -> [String] {
    do {
        let depot = Depot(runner: runner, files: files)
        let outcome = Result {
            try Round(depot, store, by: .system("sluicectl"), report: { _ in }).run()
        }
        let faults = try store.read { try $0.backupTargets() }.compactMap { target in
            target.trouble.map { "\(target.name): \($0.words.isEmpty ? $0.code : $0.words)" }
        }
        if case .failure(let error) = outcome, faults.isEmpty { return ["\(error)"] }
        return faults
    } catch {
        return ["\(error)"]
    }
}
