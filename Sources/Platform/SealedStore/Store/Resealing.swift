// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc

extension SealedStore {
    /// Pages that are read, sealed anew and written at a time: 256 KiB.
    private static let resealChunk = 64

    /// Copies a store that was closed, page by page, under another key of the same database. The
    /// copy has a tag table and a generation ledger of its own and is flushed to disk. No page lies
    /// on the disk in clear meanwhile; memory: 256 KiB and 16 bytes a page.
    ///
    /// - Parameters:
    ///   - folder: the closed store; nobody else can open it meanwhile.
    ///   - ledger: where the copy's ledger is made. Its file name is bound to its content, so it
    ///     must be the name that it will have later.
    ///   - progress: pages done, and pages in all.
    /// - Throws: `StoreFault.inUse`; `StoreFault.damaged` for a page that does not open or is older
    ///   than the tag table says; `StoreFault.behind`; `StoreFault.logLeft` when commits still lie in
    ///   the log; `StoreFault.system`.
    package static func reseal(
        folder: String, key: RootKey, to target: String, ledger: String, newKey: RootKey,
        progress: (Int, Int) throws -> Void = { _, _ in }
    ) throws {
        guard Disk.exists(folder) else { throw AcceptanceFault.noStore }
        let lock = try FolderLock(folder)
        defer { lock.release() }
        let path = lock.folder + "/" + fileName
        do {
            let old = try Freshness(
                main: path, ledger: Freshness.ledgerPath(of: lock.folder), key: key)
            try old.judge()
            guard try old.hasNoLog(), let last = old.ledger.last else { throw StoreFault.logLeft }
            let main = target + "/" + fileName
            guard try Disk.makeFolder(target) else { throw SystemFault("mkdir \(target)") }
            let new = try Freshness(main: main, ledger: ledger, key: newKey)
            let tags = try Resealing(
                from: try Vault(path: path, key: key, freshness: old),
                to: try Vault(path: main, key: newKey, freshness: new)
            ).run(chunk: resealChunk, progress)
            try new.make(after: last, sequence: old.ledger.sequence, tags: tags)
            try Disk.flushFolder(of: main)
        } catch let setback as Setback {
            throw StoreFault.behind(setback)
        } catch let fault as SystemFault {
            throw fault.number == ENOSPC ? StoreFault.full : StoreFault.system(fault)
        }
    }
}

extension Freshness {
    /// Whether no commit waits in the log.
    fileprivate func hasNoLog() throws(SystemFault) -> Bool {
        (Disk.size(of: logPath) ?? 0) == 0
    }

    /// Makes table and ledger of a copy whose pages have these tags: it has come as far as the
    /// original, and its next commit begins a new generation.
    fileprivate func make(
        after last: LedgerRecord, sequence: UInt64, tags pages: [PageTag]
    ) throws(SystemFault) {
        try Freshness.makeFolder(of: ledger.path)
        try tags.begin(
            with: pages, after: last.tableSequence, certificate: CopyCertificate(),
            ledgerSequence: 0)
        let (table, mac, _) = tags.mark
        var record = LedgerRecord(
            kind: .copied, at: Freshness.now(), commit: last.commit, tableSequence: table,
            tableMAC: mac)
        record.generation.number = last.generation.number
        record.generation.base = last.commit
        try ledger.make(record, after: sequence)
    }
}

/// One walk over all pages of a main file.
private struct Resealing: ~Copyable {
    private let old: Vault
    private let new: Vault
    private let opener: Sealer
    private var sealer: Sealer

    init(from old: Vault, to new: Vault) {
        self.old = old
        self.new = new
        opener = Sealer(old, kind: .page)
        sealer = Sealer(new, kind: .page)
    }

    /// Writes the new file and flushes it. Returns the tag of each of its pages.
    consuming func run(
        chunk: Int, _ progress: (Int, Int) throws -> Void
    ) throws -> [PageTag] {
        let source = open(old.path, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw SystemFault("open \(old.path)") }
        defer { close(source) }
        let size = Disk.size(of: old.path) ?? 0
        guard size > 0, size % Format.page == 0 else {
            throw StoreFault.damaged(Damage(file: .main, number: size / Format.page + 1))
        }
        guard DiskWatch.may(.create(new.path)) else { throw SystemFault("open \(new.path)") }
        let target = open(new.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard target >= 0 else { throw SystemFault("open \(new.path)") }
        defer { close(target) }
        let pages = size / Format.page
        guard pages == old.freshness?.tags.pages else {
            throw Setback.mainShorter(page: pages + 1)
        }
        var tags: [PageTag] = []
        tags.reserveCapacity(pages)
        var buffer = [UInt8](repeating: 0, count: chunk * Format.page)
        while tags.count < pages {
            let count = min(chunk, pages - tags.count)
            let offset = off_t(tags.count) * off_t(Format.page)
            guard pread(source, &buffer, count * Format.page, offset) == count * Format.page
            else { throw SystemFault("read \(old.path)") }
            for index in 0..<count { tags.append(try reseal(&buffer, index, tags.count + 1)) }
            try Disk.append(
                buffer[..<(count * Format.page)], to: target, at: Int(offset), of: new.path)
            try progress(tags.count, pages)
        }
        guard DiskWatch.may(.flush(new.path)), fsync(target) == 0 else {
            throw SystemFault("fsync \(new.path)")
        }
        return tags
    }

    /// Seals the page at `index` of the buffer anew, in place.
    private mutating func reseal(
        _ buffer: inout [UInt8], _ index: Int, _ number: Int
    ) throws -> PageTag {
        try buffer.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { throw StoreFault.closed }
            let page = base + index * Format.page
            // The page of SQLite's lock bytes is never written and holds nothing.
            guard number != Format.lockPage else {
                page.update(repeating: 0, count: Format.page)
                return PageTag(page + Format.tagOffset)
            }
            let skip = number == 1 ? Format.mark : 0
            let opened = opener.open(
                page + skip, count: Format.body - skip, number: number,
                clear: skip > 0 ? UnsafePointer(page) : nil, clearCount: skip,
                seal: page + Format.body)
            guard opened else { throw StoreFault.damaged(Damage(file: .main, number: number)) }
            guard old.freshness?.tags.isNewest(number, page + Format.tagOffset) == true else {
                throw StoreFault.damaged(Damage(file: .main, number: number, cause: .stale))
            }
            if skip > 0 { page.update(from: new.mark, count: skip) }
            sealer.seal(
                page + skip, count: Format.body - skip, number: number,
                clear: skip > 0 ? UnsafePointer(page) : nil, clearCount: skip,
                seal: page + Format.body)
            return PageTag(page + Format.tagOffset)
        }
    }
}
