// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Synchronization

/// Captures what the log holds, sealed as it is, before the log is begun anew.
///
/// A thread of its own copies durable frames into segments, at most a second after their commit.
/// The writer waits for it in one place only: when it begins the log anew, what is not captured is
/// captured first. Should that fail, or be too much to wait for, the chain ends there: the writer
/// goes on, a gap is noted, and a new chain begins that needs a snapshot to start from.
final class Spool: @unchecked Sendable {  // `lock` guards all that changes.
    /// Seconds between two looks at the log, and until a commit is captured at the latest.
    static let look = 0.2
    static let delay = 0.5
    /// Frames that the writer waits for when it begins the log anew: 32 MiB.
    static let waitMost = 8_000
    /// Frames that may be missing when the log may just as well be begun anew later.
    static let fewBehind = 512
    /// Segments that the thread writes at a time: the writer may have to wait for them.
    static let segmentsAtOnce = 16

    let folder: SpoolFolder
    private let vault: Vault
    private let seal: BackupSeal
    private let clock: @Sendable () -> Instant
    private let bytesMost: Int
    private let lock = NSLock()
    private let wake = NSCondition()
    private var isClosing = false
    private var thread: Thread?
    private let ended = DispatchSemaphore(value: 0)

    /// The newest segment and its hash.
    private var head: (segment: Segment, hash: [UInt8])?
    private var chain: ChainID?
    private var commit: Int64 = 0
    /// Where in which log capturing stands.
    private var place: (generation: Int, salts: [UInt8], next: Int, logStart: Int64)?
    private var status = SpoolStatus()
    /// The last frame that is captured, for those who must not wait for `lock`; -1 when nobody
    /// should wait for capturing.
    private let reached = Atomic<Int>(-1)
    /// What the store says that was put in the place of another one.
    private var mark: NewChainMark?

    /// - Parameter path: of the folder; captures only when there is one, see `begin`.
    init(
        _ path: String, vault: Vault, seal: BackupSeal, bytesMost: Int,
        clock: @escaping @Sendable () -> Instant
    ) throws {
        folder = SpoolFolder(path)
        self.vault = vault
        self.seal = seal
        self.clock = clock
        self.bytesMost = bytesMost
        mark = try NewChainMark(besides: vault.path)
        if Disk.exists(path) { try load() }
    }

    // MARK: Starting and stopping

    private func load() throws {
        status.isCapturing = true
        let names = try folder.names()
        status.bytes = names.reduce(0) { $0 + folder.size(of: $1) }
        guard let newest = names.last else { return }
        // A head that is not whole, or of another epoch, begins a new chain and nothing worse.
        let bytes = try? folder.read(newest)
        // A new key begins a new chain, and nothing is missing: see `NewChainMark`.
        if let bytes, let epoch = Container.epochNamed(in: bytes), epoch < seal.epoch, mark != nil {
            return
        }
        guard let bytes, let found = try? Segment.open(bytes[...], name: newest, seal: seal),
            found.content.epoch == seal.epoch
        else { return noteGap("the newest captured segment is damaged") }
        head = (found.segment, found.content.hash)
        commit = found.segment.commit
        if mark == nil { chain = found.segment.chain }
    }

    /// Starts the thread; the connections of the store are open by now.
    func startThread() {
        let thread = Thread { [self] in
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
        if !vault.isFenced { _ = try? flush() }
        vault.tap(nil)
    }

    /// Begins to capture, with a chain of its own.
    func begin() throws {
        lock.lock()
        defer { lock.unlock() }
        guard !status.isCapturing else { return }
        try asBackupFault { try folder.make() }
        status.isCapturing = true
    }

    /// Ends capturing and forgets what was captured.
    func end() {
        lock.lock()
        defer { lock.unlock() }
        status = SpoolStatus()
        for name in (try? folder.names()) ?? [] { folder.remove(name) }
        rmdir(folder.path)
        (head, chain, place) = (nil, nil, nil)
        reached.store(-1, ordering: .relaxed)
    }

    /// Lets the next segment begin a chain of its own.
    func beginChain() {
        lock.lock()
        defer { lock.unlock() }
        (chain, place) = (nil, nil)
    }

    // MARK: On its thread

    private func turn() -> Bool {
        wake.lock()
        defer { wake.unlock() }
        if !isClosing, !isLate { _ = wake.wait(until: Date(timeIntervalSinceNow: Spool.look)) }
        guard !isClosing else { return false }
        wake.unlock()
        isLate = lookAtLog()
        wake.lock()
        return true
    }

    /// Whether there is a whole segment more to capture; on the thread only.
    private var isLate = false

    private var waitingSince: ContinuousClock.Instant?

    /// Returns whether there is enough left for another look at once.
    private func lookAtLog() -> Bool {
        lock.lock()
        defer { lock.unlock() }
        let behind = framesBehind()
        status.framesBehind = behind
        guard status.isCapturing, behind > 0, !vault.isFenced else {
            waitingSince = nil
            return false
        }
        let since = waitingSince ?? .now
        waitingSince = since
        guard behind >= Segment.framesMost || since.duration(to: .now) >= .seconds(Spool.delay)
        else { return false }
        do {
            try capture(closing: false, segments: Spool.segmentsAtOnce)
            let left = framesBehind()
            if left == 0 { waitingSince = nil }
            return left >= Segment.framesMost
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

    /// Captures all that is durable now. Returns the newest segment, nil when there is none yet.
    @discardableResult
    func flush() throws -> Segment? {
        lock.lock()
        defer { lock.unlock() }
        guard status.isCapturing else { throw BackupFault.notCapturing }
        do {
            try capture(closing: false)
        } catch {
            note(error)
            throw error
        }
        return chain == nil || head?.segment.chain == chain ? head?.segment : nil
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
        try capture(closing: false)
        guard chain == self.chain else { throw BackupFault.interrupted }
        guard let head, head.segment.chain == chain else { return (0, commit) }
        return (head.segment.sequence, head.segment.commit)
    }

    /// Whether the log had better be begun anew a little later: capturing goes well and lags.
    /// Never waits.
    var lags: Bool {
        let frame = reached.load(ordering: .relaxed)
        return frame >= 0 && vault.lastCommitFrame - frame > Spool.fewBehind
    }

    /// The writer is about to begin the log anew or to remove it.
    func logEnds() {
        lock.lock()
        defer { lock.unlock() }
        guard status.isCapturing, !vault.isFenced else { return }
        let behind = framesBehind()
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
            // A frame is one commit at most, so no number is given twice.
            commit += Int64(behind)
            (chain, place) = (nil, nil)
        }
    }

    var snapshot: SpoolStatus {
        lock.lock()
        defer { lock.unlock() }
        var copy = status
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
        for name in names where name != head?.segment.name {
            if let chain, let place, let found = SegmentName(name), found.chain == chain,
                found.sequence >= place.logStart
            {
                continue
            }
            status.bytes = max(0, status.bytes - folder.size(of: name))
            folder.remove(name)
        }
    }

    private func note(_ error: any Error) {
        reached.store(-1, ordering: .relaxed)
        switch error {
        case let fault as BackupFault: status.fault = fault
        case let fault as SystemFault: status.fault = .system(fault)
        default: status.fault = .broken("\(error)")
        }
    }

    private func noteGap(_ reason: String) { status.gap = (clock(), reason) }

    // MARK: Capturing, with the lock held

    private func capture(closing: Bool, segments: Int = .max) throws {
        let position = vault.logPosition
        guard let log = try asBackupFault({ try LogReading(of: vault) }) else {
            try findPlace(position, salts: nil)
            return
        }
        if place?.generation != position.generation {
            if place == nil { try log.flush() }
            try findPlace(position, salts: try log.salts())
        }
        guard var next = place?.next, position.flushed >= next || closing else {
            status.fault = nil
            return
        }
        var isClosed = false
        var written = 0
        while next <= position.flushed, written < segments {
            written += 1
            let last = min(position.flushed, next + Segment.framesMost - 1)
            isClosed = closing && last == position.flushed
            try write(log, from: next, to: last, of: position.flushed, closes: isClosed)
            next = last + 1
        }
        if closing, !isClosed, let head, head.segment.chain == chain, !head.segment.closes {
            try write(log, from: next, to: next - 1, of: position.flushed, closes: true)
        }
        try asBackupFault { try folder.settle() }
        status.fault = nil
        reached.store((place?.next ?? 1) - 1, ordering: .relaxed)
        if let mark, head?.segment.chain == chain {
            mark.remove()
            self.mark = nil
        }
    }

    /// Decides where in this log to go on, or begins a new chain.
    private func findPlace(_ position: LogPosition, salts: [UInt8]?) throws {
        let begun = position.flushed > 0 ? salts : nil
        let previous = chain == nil ? nil : head?.segment
        var next = 1
        var start: Int64 = 1
        if let previous, previous.chain == chain {
            start = previous.sequence + 1
            if let begun, begun == previous.salts {
                if position.flushed >= previous.last {
                    next = previous.last + 1
                    start = previous.logStart
                } else {
                    startChain("the log lost commits that were captured")
                    start = 1
                }
            } else if !previous.closes {
                startChain("the log that was captured last is gone")
                start = 1
            }
        } else if chain == nil {
            startChain(nil)
        }
        place = (position.generation, salts ?? [UInt8](repeating: 0, count: 8), next, start)
    }

    private func startChain(_ reason: String?) {
        if let reason { noteGap(reason) }
        chain = ChainID(at: clock())
        if let mark { commit = max(commit, mark.commit) }
    }

    private func write(
        _ log: borrowing LogReading, from first: Int, to last: Int, of flushed: Int, closes: Bool
    ) throws {
        guard let chain, let place else { throw BackupFault.interrupted }
        let frames = last >= first ? try log.frames(from: first, count: last - first + 1) : []
        let before = head?.segment.chain == chain ? head : nil
        var segment = Segment(
            chain: chain, sequence: (before?.segment.sequence ?? 0) + 1, logStart: place.logStart,
            salts: place.salts, first: first, last: last, closes: closes, commitBefore: commit,
            commit: commit, at: clock(), previous: before?.hash ?? Segment.start)
        if place.salts.allSatisfy({ $0 == 0 }), let salts = try log.salts() {
            segment.salts = salts
        }
        segment.commit += Int64(
            try commits(in: frames, from: first, to: last, of: flushed, log))
        let bytes = try segment.sealed(frames, seal)
        guard status.bytes + bytes.count <= bytesMost else { throw BackupFault.spoolFull }
        try asBackupFault { try folder.write(segment.name, bytes) }
        status.bytes += bytes.count
        commit = segment.commit
        head = (segment, BackupSeal.link(bytes[...]))
        self.place?.next = last + 1
        self.place?.salts = segment.salts
    }

    /// Transactions that are complete with one of these frames: the frame behind begins another.
    private func commits(
        in frames: [UInt8], from first: Int, to last: Int, of flushed: Int,
        _ log: borrowing LogReading
    ) throws -> Int {
        guard last >= first else { return 0 }
        var count = 0
        for number in first + 1..<last + 1 {
            let offset = (number - first) * Format.frame
            let start = LogReading.transactionStart(in: frames[offset..<offset + Format.frame])
            if start == number { count += 1 }
        }
        let ends = try last == flushed || log.transactionStart(ofFrame: last + 1) == last + 1
        return ends ? count + 1 : count
    }
}
