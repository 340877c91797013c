// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc
package import Kernel

/// What a restore brought back.
package struct Restored: Sendable, Equatable {
    package let commit: Int64
    /// When the last segment that was used was captured.
    package let at: Instant
    package let pages: Int
    package let bytesRead: Int64
}

/// Reads a backup: checks every byte of what it uses, and makes a store of it.
package struct Restorer: Sendable {
    private let target: any BackupTarget
    private let seal: BackupSeal
    private let progress: @Sendable (Int64, Int64) -> Void

    /// - Parameter progress: bytes done and bytes in all, of either pass.
    package init(
        _ target: any BackupTarget, seal: BackupSeal,
        progress: @escaping @Sendable (Int64, Int64) -> Void = { _, _ in }
    ) {
        self.target = target
        self.seal = seal
        self.progress = progress
    }

    /// The list of what the target should hold.
    ///
    /// - Throws: `BackupFault.missing` when there is none.
    package func index() throws -> BackupIndex {
        guard let index = try BackupIndex(of: target, seal: seal) else {
            throw BackupFault.missing(BackupIndex.name)
        }
        return index
    }

    /// The snapshot that `plan` starts from.
    package func snapshot(of plan: RestorePlan) throws -> Snapshot {
        try manifest(of: plan.snapshot).snapshot
    }

    // MARK: Checking

    /// Reads all that `plan` names and checks it. Returns the commit that the goal stands for.
    package func check(_ plan: RestorePlan) throws -> Int64 {
        let snapshot = try manifest(of: plan.snapshot).snapshot
        var done: Int64 = 0
        let total = snapshot.bytes + plan.packs.reduce(0) { $0 + $1.size }
        for (index, hash) in snapshot.parts.enumerated() {
            done += Int64(try target.fetch(snapshot.partName(index), hash: hash).count)
            progress(done, total)
        }
        var commit = snapshot.commit
        var reached = snapshot.logStart - 1
        try walk(plan.packs) { segment, frames in
            reached = segment.sequence
            done += Int64(frames.count)
            progress(min(done, total), total)
            if segment.sequence <= snapshot.sequence { return true }
            switch plan.goal {
            case .latest: commit = segment.commit
            case .time(let instant): if segment.at <= instant { commit = segment.commit }
            case .commit(let number): commit = max(commit, min(number, segment.commit))
            }
            return true
        }
        guard reached >= snapshot.sequence else {
            throw BackupFault.broken("commits are missing behind the snapshot")
        }
        if case .commit(let number) = plan.goal, number != commit {
            throw BackupFault.outOfReach("commit \(number)")
        }
        return commit
    }

    /// Reads every object of the index and checks it. Returns how many there were, in bytes too.
    ///
    /// - Parameter opensSeals: opens each page and frame, too, as a restore does.
    package func checkAll(
        _ index: BackupIndex, opensSeals: Bool = false
    ) throws -> (objects: Int, bytes: Int64) {
        let look: (Segment, ArraySlice<UInt8>) throws -> Bool = { segment, frames in
            if opensSeals { try open(frames, of: segment) }
            return true
        }
        var objects = 2 + index.lists.count
        var done: Int64 = 0
        let total =
            index.snapshots.reduce(0) { $0 + $1.bytes } + index.packs.reduce(0) { $0 + $1.size }
        _ = try target.fetch(BackupIndex.keyFileName, hash: index.keysHash)
        for entry in index.snapshots {
            let (snapshot, epoch) = try manifest(of: entry)
            for (number, hash) in snapshot.parts.enumerated() {
                let part = try target.fetch(snapshot.partName(number), hash: hash)
                if opensSeals { try open(part, number, of: snapshot, sealedIn: epoch) }
                done += Int64(part.count)
                objects += 1
                progress(done, total)
            }
            guard index.packs(behind: entry) != nil else {
                throw BackupFault.broken("commits are missing behind \(entry.manifest)")
            }
            objects += 1
        }
        // Retention takes packs out, so only those that follow each other must also fit.
        var run: [BackupIndex.Pack] = []
        for pack in index.packs {
            if let last = run.last, last.chain != pack.chain || last.last + 1 != pack.first {
                try walk(run, look)
                run = []
            }
            run.append(pack)
            done += pack.size
            objects += 1
            progress(done, total)
        }
        try walk(run, look)
        return (objects, done)
    }

    /// Opens every page of a part.
    private func open(
        _ part: [UInt8], _ number: Int, of snapshot: Snapshot, sealedIn epoch: UInt32
    ) throws {
        let first = number * snapshot.partPages
        guard part.count == min(snapshot.partPages, snapshot.pages - first) * Format.page else {
            throw BackupFault.altered(snapshot.partName(number))
        }
        let coder = try coder(epoch)
        for index in 0..<part.count / Format.page
        where !coder.opens(part, at: index * Format.page, first + index + 1) {
            throw BackupFault.damagedPage(first + index + 1)
        }
    }

    /// Opens every frame of a segment.
    private func open(_ frames: ArraySlice<UInt8>, of segment: Segment) throws {
        // A chain ends with the key that it was sealed with.
        guard try coder(seal.epoch).opens(frames: frames, of: segment) else {
            throw BackupFault.altered(segment.name)
        }
    }

    private func coder(_ epoch: UInt32) throws -> PageCoder {
        PageCoder(try Vault(path: "", key: seal.root.at(epoch: epoch)))
    }

    private func manifest(of entry: BackupIndex.Entry) throws -> (
        snapshot: Snapshot, epoch: UInt32
    ) {
        let bytes = try target.fetch(entry.manifest, hash: entry.hash)
        let found = try Snapshot.open(bytes, name: entry.manifest, seal: seal)
        guard BackupIndex.Entry(found.snapshot, manifestHash: entry.hash) == entry else {
            throw BackupFault.altered(entry.manifest)
        }
        return found
    }

    /// Calls `body` with each segment and its frames until it returns false; checks on the way
    /// that each follows the one before.
    private func walk(
        _ packs: [BackupIndex.Pack],
        _ body: (Segment, ArraySlice<UInt8>) throws -> Bool
    ) throws {
        var chain = SegmentChain()
        for pack in packs {
            var rest = try target.fetch(pack.name, hash: pack.hash)[...]
            var expected = pack.first
            while !rest.isEmpty {
                let (segment, content) = try Segment.open(rest, name: pack.name, seal: seal)
                guard segment.chain == pack.chain, segment.sequence == expected else {
                    throw BackupFault.altered(pack.name)
                }
                try chain.follow(segment, hash: content.hash)
                guard try body(segment, content.body) else { return }
                rest = rest.dropFirst(content.length)
                expected += 1
            }
            guard expected == pack.last + 1 else { throw BackupFault.cut(pack.name) }
        }
    }

    // MARK: Making a store

    /// Makes the store of commit `commit` in `folder`, which must be empty or not there. The
    /// result opens with the root key of `seal`.
    package func build(
        _ plan: RestorePlan, commit: Int64, in folder: String, commitMost: Int64
    ) throws -> Restored {
        try asBackupFault {
            try Disk.makeFolder(folder)
            try NewChainMark.put(inFolder: folder, commit: commitMost)
            let path = folder + "/" + SealedStore.fileName
            let file = try Disk.create(path)
            defer { close(file) }
            let (snapshot, epoch) = try manifest(of: plan.snapshot)
            var work = try Building(file: file, path: path, key: seal.root, sealedIn: epoch)
            try copyParts(of: snapshot, into: &work)
            let restored = try replay(plan, snapshot, to: commit, into: &work)
            try Disk.flush(file, of: path)
            try Disk.flushFolder(of: path)
            try Disk.flushFolder(of: folder)
            try Freshness.make(
                ofRestoredAt: path,
                ledger: Freshness.ledgerPath(of: Disk.resolved(folder) ?? folder), key: seal.root)
            return restored
        }
    }

    private func copyParts(of snapshot: Snapshot, into work: inout Building) throws {
        for (index, hash) in snapshot.parts.enumerated() {
            var part = try target.fetch(snapshot.partName(index), hash: hash)
            let first = index * snapshot.partPages
            let count = min(snapshot.partPages, snapshot.pages - first)
            guard part.count == count * Format.page else {
                throw BackupFault.altered(snapshot.partName(index))
            }
            try work.put(&part, firstPage: first + 1, name: snapshot.partName(index))
            progress(Int64((first + count) * Format.page), snapshot.bytes)
        }
    }

    private func replay(
        _ plan: RestorePlan, _ snapshot: Snapshot, to commit: Int64, into work: inout Building
    ) throws -> Restored {
        var ordinal = snapshot.commit
        var isFirst = true
        var at = snapshot.ended
        var pages = snapshot.pages
        try walk(plan.packs) { segment, frames in
            guard segment.last >= segment.first else { return true }
            if isFirst { ordinal = segment.commitBefore }
            isFirst = false
            guard ordinal < commit else { return false }
            for number in segment.first...segment.last where ordinal < commit {
                let start = frames.startIndex + (number - segment.first) * Format.frame
                let after = try work.put(
                    frame: frames[start..<start + Format.frame], number, segment)
                if after > 0 {
                    pages = after
                    ordinal += 1
                }
            }
            at = segment.sequence > snapshot.sequence ? segment.at : at
            return true
        }
        guard ordinal == commit || (isFirst && commit == snapshot.commit) else {
            throw BackupFault.broken("commit \(commit) was not reached, only \(ordinal)")
        }
        try work.cut(toPages: pages)
        return Restored(commit: commit, at: at, pages: pages, bytesRead: snapshot.bytes)
    }
}

/// A main file in the making.
private struct Building: ~Copyable {
    let file: Int32
    let path: String
    /// Opens what the backup holds.
    private var source: PageCoder
    private var target: PageCoder
    private var page = [UInt8](repeating: 0, count: Format.page)

    /// - Parameter epoch: of the keys that the backup was sealed with.
    init(file: Int32, path: String, key: RootKey, sealedIn epoch: UInt32) throws {
        let old = try Vault(path: path, key: key.at(epoch: epoch))
        let new = try Vault(path: path, key: key)
        self.file = file
        self.path = path
        source = PageCoder(old)
        target = PageCoder(new)
    }

    /// Writes pages of a part, sealed anew.
    mutating func put(_ part: inout [UInt8], firstPage: Int, name: String) throws {
        for index in 0..<part.count / Format.page {
            let offset = index * Format.page
            guard target.reseal(&part, at: offset, firstPage + index, from: source) else {
                throw BackupFault.damagedPage(firstPage + index)
            }
        }
        try Disk.put(part, to: file, at: (firstPage - 1) * Format.page, of: path)
    }

    /// Writes the page of a frame. Returns the pages of the file after its commit, 0 for none.
    mutating func put(frame: ArraySlice<UInt8>, _ number: Int, _ segment: Segment) throws -> Int {
        guard
            let opened = source.turn(
                frame: frame, number, salts: segment.salts, into: &page, for: &target)
        else { throw BackupFault.altered(segment.name) }
        try Disk.put(page, to: file, at: (opened.page - 1) * Format.page, of: path)
        return opened.pagesAfter
    }

    func cut(toPages pages: Int) throws {
        try Disk.resize(file, to: pages * Format.page, of: path)
    }
}
