// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Synchronization

// Capturing, with the lock of the spool held.
extension Spool {
    /// - Parameters:
    ///   - closing: the log ends here.
    ///   - segments: how many are written at most.
    ///   - settling: whether all must be flushed when it returns.
    func capture(closing: Bool, segments: Int = .max, settling: Bool = false) throws {
        try makeAgain()
        try captureFrames(closing: closing, segments: segments)
        // On the disk of the log a flush can wait: the log itself holds what it holds.
        if settling || closing || isElsewhere { try settle() }
        status.fault = nil
    }

    private func captureFrames(closing: Bool, segments: Int) throws {
        let position = vault.logPosition
        guard let log = try asBackupFault({ try LogReading(of: vault) }) else {
            try findPlace(position, salts: nil)
            return
        }
        if place?.generation != position.generation {
            if place == nil { try log.flush() }
            try findPlace(position, salts: try log.salts())
        }
        guard var next = place?.next, position.flushed >= next || closing else { return }
        var isClosed = false
        var written = 0
        while next <= position.flushed, written < segments {
            written += 1
            let last = min(position.flushed, next + framesMost - 1)
            isClosed = closing && last == position.flushed
            try write(log, from: next, to: last, of: position.flushed, closes: isClosed)
            next = last + 1
        }
        if closing, !isClosed, let head, head.segment.chain == chain, !head.segment.closes {
            try write(log, from: next, to: next - 1, of: position.flushed, closes: true)
        }
    }

    /// Flushes what was captured; until then the log must not be begun anew, nor anything leave
    /// this box.
    func settle() throws {
        if !drafts.isEmpty {
            do {
                try asBackupFault { try folder.flush(drafts) }
            } catch {
                rollBack()
                throw error
            }
            do {
                try asBackupFault { try folder.settle(drafts) }
            } catch {
                // Somebody may have seen the names already, so nothing else may have them.
                noteGap("captured segments could not be given their names")
                endChain()
                throw error
            }
        }
        drafts = []
        settled = (head, commit)
        reached.store((place?.next ?? 1) - 1, ordering: .relaxed)
        if let mark, head?.segment.chain == chain {
            mark.remove()
            self.mark = nil
        }
    }

    /// Forgets what could not be flushed: it is captured anew.
    private func rollBack() {
        dropDrafts()
        if let chain, settled.head?.segment.chain != chain { self.chain = nil }
        (head, commit) = settled
        place = nil
    }

    func dropDrafts() {
        status.bytes = max(0, status.bytes - drafts.reduce(0) { $0 + folder.size(of: $1) })
        folder.drop(drafts)
        drafts = []
    }

    /// Lets the next segment begin a chain of its own.
    func endChain() {
        (chain, place) = (nil, nil)
        drafts = []
        settled = (head, commit)
    }

    /// Decides where in this log to go on, or begins a new chain.
    func findPlace(_ position: LogPosition, salts: [UInt8]?) throws {
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

    func startChain(_ reason: String?) {
        if let reason { noteGap(reason) }
        chain = ChainID(at: clock())
        if let mark { commit = max(commit, mark.commit) }
    }

    func write(
        _ log: borrowing LogReading, from first: Int, to last: Int, of flushed: Int, closes: Bool
    ) throws {
        guard let chain, let place else { throw BackupFault.interrupted }
        try draft.read(log, from: first, count: last - first + 1)
        let before = head?.segment.chain == chain ? head : nil
        var segment = Segment(
            chain: chain, sequence: (before?.segment.sequence ?? 0) + 1, logStart: place.logStart,
            salts: place.salts, first: first, last: last, closes: closes, commitBefore: commit,
            commit: commit, at: clock(), previous: before?.hash ?? Segment.start)
        if place.salts.allSatisfy({ $0 == 0 }), let salts = try log.salts() {
            segment.salts = salts
        }
        segment.commit += Int64(
            try commits(from: first, to: last, of: flushed, log))
        let (bytes, link) = try draft.close(segment, seal)
        guard status.bytes + bytes.count <= bytesMost else { throw BackupFault.spoolFull }
        try asBackupFault { try folder.write(segment.name, bytes) }
        drafts.append(segment.name)
        status.bytes += bytes.count
        commit = segment.commit
        head = (segment, link)
        self.place?.next = last + 1
        self.place?.salts = segment.salts
        // A chain that a power cut could take back would be followed by another one of its name.
        if before == nil { try settle() }
    }

    /// Transactions that are complete with one of these frames: the frame behind begins another.
    func commits(
        from first: Int, to last: Int, of flushed: Int, _ log: borrowing LogReading
    ) throws -> Int {
        guard last >= first else { return 0 }
        var count = 0
        for number in first + 1..<last + 1
        where draft.transactionStart(of: number - first) == number {
            count += 1
        }
        let ends = try last == flushed || log.transactionStart(ofFrame: last + 1) == last + 1
        return ends ? count + 1 : count
    }
}
