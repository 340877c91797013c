// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Synchronization

/// Captures what the log holds, sealed as it is, before the log is begun anew.
///
/// A thread of its own copies durable frames into segments, at most a second after their commit.
/// A segment is a draft until it is flushed: at once when the spool lies on another disk than the
/// log, else before the log is begun anew and before anything is brought to a target. The writer
/// waits in one place only: when it begins the log anew, what is not captured is captured first.
/// Should that fail, or be too much to wait for, the chain ends there: the writer goes on, a gap is
/// noted, and a new chain begins that needs a snapshot to start from.
final class Spool: @unchecked Sendable {  // `lock` guards all that changes.
    /// Seconds between two looks at the log, and until a commit is captured at the latest.
    static let look = 0.2
    static let delay = 0.5
    /// Frames that the writer waits for when it begins the log anew: 32 MiB.
    static let waitMost = 8_000
    /// Frames that may be missing when the log may just as well be begun anew later.
    static let fewBehind = 512
    /// Segments that the thread writes at a time: the writer may have to wait for them.
    static let segmentsAtOnce = 2

    let folder: SpoolFolder
    /// The file with the wrapped root key.
    let keyFile: String
    private let openedAt: Instant
    let vault: Vault
    let seal: BackupSeal
    let clock: @Sendable () -> Instant
    let bytesMost: Int
    /// Frames of one segment at most: the newest one stays, and must not fill a small spool.
    var framesMost: Int { min(Segment.framesMost, max(1, bytesMost / 16 / Format.frame)) }
    let lock = NSLock()
    private let wake = NSCondition()
    private var isClosing = false
    private var thread: Thread?
    private let ended = DispatchSemaphore(value: 0)

    /// The newest segment and its hash.
    var head: (segment: Segment, hash: [UInt8])?
    var chain: ChainID?
    var commit: Int64 = 0
    /// Where in which log capturing stands.
    var place: (generation: Int, salts: [UInt8], next: Int, logStart: Int64)?
    var status = SpoolStatus()
    /// Segments that are written and not flushed, oldest first.
    var drafts: [String] = []
    /// `head` and `commit` as they were when nothing waited to be flushed.
    var settled: (head: (segment: Segment, hash: [UInt8])?, commit: Int64) = (nil, 0)
    /// Where segments are made; with the lock held.
    let draft = SegmentDraft()
    /// Whether the log lies on another disk.
    var isElsewhere = false
    /// The last frame that is captured and flushed, for those who must not wait for `lock`; -1 when
    /// nobody should wait for capturing.
    let reached = Atomic<Int>(-1)
    /// What the store says that was put in the place of another one.
    var mark: NewChainMark?

    /// Captures only when the folder of the plan is there, see `begin`.
    init(
        _ plan: BackupPlan, vault: Vault, seal: BackupSeal,
        clock: @escaping @Sendable () -> Instant
    ) throws {
        folder = SpoolFolder(plan.spool)
        keyFile = plan.keyFile
        bytesMost = plan.spoolBytes
        self.vault = vault
        self.seal = seal
        self.clock = clock
        openedAt = clock()
        mark = try NewChainMark(besides: vault.path)
        if Disk.exists(plan.spool) { try load() }
    }

    private var storeFolder: String { String(vault.path.dropLast(SealedStore.fileName.count)) }

    // MARK: Starting and stopping

    private func load() throws {
        status.isCapturing = true
        isElsewhere = !Disk.shareDisk(folder.path, storeFolder)
        do {
            try folder.adoptDrafts(seal)
        } catch let fault as BackupFault {
            status.fault = fault
        }
        let names = try folder.names()
        status.bytes = names.reduce(0) { $0 + folder.size(of: $1) }
        guard let newest = names.last else { return }
        // A head that is not whole, or of another epoch, begins a new chain and nothing worse.
        let bytes = try? folder.read(newest)
        let epoch = bytes.flatMap { Container.epochNamed(in: $0) }
        // A new key begins a new chain, and nothing is missing: see `NewChainMark`.
        if let epoch, epoch < seal.epoch, mark != nil { return }
        guard epoch == seal.epoch else {
            return noteGap("what was captured last was sealed with another key")
        }
        guard let bytes, let found = try? Segment.openWhole(bytes, name: newest, seal: seal) else {
            return noteGap("the newest captured segment is damaged")
        }
        head = (found.segment, found.content.hash)
        commit = found.segment.commit
        settled = (head, commit)
        if mark == nil { chain = found.segment.chain }
    }

    /// Starts the thread; the connections of the store are open by now.
    func startThread() {
        let thread = Thread { [self] in
            Priority.spool.take()
            while turn() {}
            ended.signal()
        }
        thread.name = "store-spool"
        self.thread = thread
        thread.start()
    }

    /// Captures what is left and ends the thread. The log may have been removed by now.
    func close() {
        wake.lock()
        isClosing = true
        wake.broadcast()
        wake.unlock()
        if thread != nil { ended.wait() }
        if !vault.isFenced { try? flushAll() }
        vault.tap(nil)
    }

    /// Begins to capture, with a chain of its own.
    func begin() throws {
        lock.lock()
        defer { lock.unlock() }
        guard !status.isCapturing else { return }
        try asBackupFault { try folder.make() }
        isElsewhere = !Disk.shareDisk(folder.path, storeFolder)
        status.isCapturing = true
    }

    /// Ends capturing and forgets what was captured.
    func end() {
        lock.lock()
        defer { lock.unlock() }
        status = SpoolStatus()
        folder.clear()
        head = nil
        endChain()
        reached.store(-1, ordering: .relaxed)
    }

    // MARK: On its thread

    private func turn() -> Bool {
        wake.lock()
        defer { wake.unlock() }
        if !isClosing, !isLate, !isHurried {
            _ = wake.wait(until: Date(timeIntervalSinceNow: Spool.look))
        }
        guard !isClosing else { return false }
        let hurries = isHurried
        isHurried = false
        wake.unlock()
        isLate = lookAtLog(hurries)
        wake.lock()
        return true
    }

    /// Whether there is a whole segment more to capture; on the thread only.
    private var isLate = false
    /// Whether somebody waits until the log may be begun anew; `wake` guards it.
    private var isHurried = false

    private func hurry() {
        wake.lock()
        defer { wake.unlock() }
        guard !isHurried else { return }
        isHurried = true
        wake.signal()
    }

    private var waitingSince: ContinuousClock.Instant?

    /// Returns whether there is enough left for another look at once.
    private func lookAtLog(_ hurries: Bool) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        let behind = framesBehind()
        status.framesBehind = behind
        guard status.isCapturing, behind > 0 || (hurries && !drafts.isEmpty), !vault.isFenced
        else {
            waitingSince = nil
            return false
        }
        let since = waitingSince ?? .now
        waitingSince = since
        guard
            hurries || behind >= framesMost
                || since.duration(to: .now) >= .seconds(Spool.delay)
        else { return false }
        do {
            try capture(closing: false, segments: Spool.segmentsAtOnce, settling: hurries)
            let left = framesBehind()
            if left == 0 { waitingSince = nil }
            return left >= framesMost
        } catch {
            note(error)
            return false
        }
    }

    private func framesBehind() -> Int {
        let position = vault.logPosition
        guard let place, place.generation == position.generation else { return position.flushed }
        return position.flushed - place.next + 1
    }

    // MARK: From other threads

    /// Captures all that is durable now.
    func captureAll() throws { try attempt { try capture(closing: false) } }

    /// Captures all that is durable now, and flushes it.
    func flushAll() throws { try attempt { try capture(closing: false, settling: true) } }

    /// Flushes what is captured. Returns the names of all segments, which may leave this box now;
    /// what cannot be flushed is in the status, and is none of them.
    func settledNames() throws -> [String] {
        try attempt {
            do {
                try settle()
            } catch {
                note(error)
            }
            return try asBackupFault { try folder.names() }
        }
    }

    private func attempt<T>(_ work: () throws -> T) throws -> T {
        lock.lock()
        defer { lock.unlock() }
        guard status.isCapturing else { throw BackupFault.notCapturing }
        do {
            return try work()
        } catch {
            note(error)
            throw error
        }
    }

    /// Where a snapshot that begins now must begin to read the chain.
    func snapshotStart() throws -> (chain: ChainID, logStart: Int64) {
        lock.lock()
        defer { lock.unlock() }
        guard status.isCapturing else { throw BackupFault.notCapturing }
        try capture(closing: false)
        guard let chain, let place else { throw BackupFault.interrupted }
        return (chain, place.logStart)
    }

    /// Where a snapshot that ends now stands.
    func snapshotEnd(of chain: ChainID) throws -> (sequence: Int64, commit: Int64) {
        lock.lock()
        defer { lock.unlock() }
        try capture(closing: false, settling: true)
        guard chain == self.chain else { throw BackupFault.interrupted }
        guard let head, head.segment.chain == chain else { return (0, commit) }
        return (head.segment.sequence, head.segment.commit)
    }

    /// Whether the log had better be begun anew a little later: capturing goes well and lags. Has
    /// the thread catch up, and never waits for it.
    var lags: Bool {
        let frame = reached.load(ordering: .relaxed)
        guard frame >= 0, vault.lastCommitFrame - frame > Spool.fewBehind else { return false }
        hurry()
        return true
    }

    /// The writer is about to begin the log anew or to remove it.
    func logEnds() {
        lock.lock()
        defer { lock.unlock() }
        guard status.isCapturing, !vault.isFenced else { return }
        let behind = framesBehind()
        // A frame is one commit at most, so no number is given twice.
        let most = commit + Int64(behind)
        do {
            guard behind <= Spool.waitMost else {
                throw BackupFault.broken("the spool could not keep up")
            }
            try capture(closing: true)
            reached.store(0, ordering: .relaxed)
        } catch {
            note(error)
            let cause = (error as? BackupFault)?.description ?? "\(error)"
            noteGap("\(behind) frames were not captured: \(cause)")
            // What was captured before is still worth keeping.
            try? settle()
            commit = max(commit, most)
            endChain()
        }
    }

    var snapshot: SpoolStatus {
        lock.lock()
        defer { lock.unlock() }
        var copy = status
        copy.openedAt = openedAt
        copy.chain = chain
        copy.commit = commit
        if let head, head.segment.chain == chain {
            copy.sequence = head.segment.sequence
            copy.at = head.segment.at
        }
        copy.framesBehind = framesBehind()
        return copy
    }

    /// Removes segments that lie safely elsewhere. Those of the current log stay, because the next
    /// snapshot needs them, and so does the newest, as the place to go on from.
    func remove(_ names: [String]) {
        lock.lock()
        defer { lock.unlock() }
        for name in names where name != settled.head?.segment.name {
            if let chain, let place, let found = SegmentName(name), found.chain == chain,
                found.sequence >= place.logStart
            {
                continue
            }
            status.bytes = max(0, status.bytes - folder.size(of: name))
            folder.remove(name)
        }
    }

    /// Takes note that segments can be brought nowhere: one is damaged, the others are behind it.
    func lose(_ names: [String]) {
        guard let first = names.first else { return }
        lock.lock()
        defer { lock.unlock() }
        noteGap("\(first) is damaged")
        for name in names.reversed() {
            status.bytes = max(0, status.bytes - folder.size(of: name))
            folder.remove(name)
        }
        if let chain, names.contains(where: { SegmentName($0)?.chain == chain }) {
            dropDrafts()
            endChain()
        }
    }

    func note(_ error: any Error) {
        reached.store(-1, ordering: .relaxed)
        switch error {
        case let fault as BackupFault: status.fault = fault
        case let fault as SystemFault: status.fault = .system(fault)
        default: status.fault = .broken("\(error)")
        }
    }

    func noteGap(_ reason: String) { status.gap = (clock(), reason) }
}
