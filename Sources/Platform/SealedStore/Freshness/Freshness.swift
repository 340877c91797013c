// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS
import Glibc
import Synchronization

/// Notices that a page, a file or the log was put back to an older genuine version of itself.
///
/// It has two memories: the tag table beside the store, which knows the newest version of every
/// page, and the generation ledger in another folder, which knows how far the store has come.
final class Freshness: Sendable {
    let tags: TagTable
    let ledger: GenerationLedger
    /// Full path of the main file.
    private let main: String
    private let log = Mutex(LogState())
    private let onChange = Mutex(Bell())
    let key: RootKey

    /// In a value of its own: a closure that is itself the content of a `Mutex` is wrapped anew by
    /// each `withLock`, and a chain that grows with every commit costs more and more, then the stack.
    private struct Bell {
        var ring: (@Sendable () -> Void)?
        var fault: (@Sendable (SystemFault) -> Void)?
    }

    /// What is known of the log while the store is open. Only one connection writes at a time.
    private struct LogState {
        var generation = LedgerRecord.Generation()
        /// The highest number that a generation has had.
        var highest: UInt64 = 0
        /// The generation whose header was written, flushed or not.
        var headed: UInt64 = 0
        /// The generation whose header is known to be on disk.
        var flushed = LedgerRecord.Generation()
        var expected: FreshnessRules.Expected?
        /// The last frame of each commit of this generation, in order.
        var commits: [UInt32] = []
        /// The salts that recovery found; nil for no log.
        var found: UInt64?
        /// Number of the last commit, flushed or not.
        var commit: UInt64 = 0
        var isAdopting = false
    }

    /// - Parameter main: full path of the main file.
    init(main: String, ledger: String, key: RootKey) throws {
        self.main = main
        self.key = key
        tags = try TagTable(path: main + "-tags", key: key)
        self.ledger = try GenerationLedger(path: ledger, key: key)
    }

    /// Microseconds of the system's clock. The store's own clock is for transactions, and may be one
    /// that goes on when it is asked.
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    /// Full path of the log.
    var logPath: String { main + "-wal" }

    /// The ledger's place for a store in `folder`: beside it, and not in it.
    static func ledgerPath(of folder: String) -> String {
        let parts = folder.split(separator: "/")
        return "/" + (parts.dropLast() + ["ledger", parts.last ?? "store"]).joined(separator: "/")
    }

    /// Sets what to do when there is something new to note in the ledger.
    func whenChanged(_ notify: @escaping @Sendable () -> Void) {
        onChange.withLock { $0.ring = notify }
    }

    /// Sets who is told when ledger or table could not be written, before whoever asked for it hears
    /// of it: a flush that failed must fence the store whoever's it was.
    func whenFailed(_ notify: @escaping @Sendable (SystemFault) -> Void) {
        onChange.withLock { $0.fault = notify }
    }

    private func telling<T>(_ body: () throws(SystemFault) -> T) throws(SystemFault) -> T {
        do {
            return try body()
        } catch {
            onChange.withLock { $0.fault }?(error)
            throw error
        }
    }

    // MARK: A new store

    /// Whether the ledger knows a store with commits.
    func knowsStore() throws -> Bool {
        guard try ledger.load(), let last = ledger.last else { return false }
        return last.generation.number > 0 || last.kind != .made
    }

    /// Makes ledger and table for a main file that is about to appear with one page.
    ///
    /// The main file comes last: a crash before it leaves a ledger that knows no commit, and the
    /// next start begins again.
    func make(firstPage tag: PageTag) throws(SystemFault) {
        try Freshness.makeFolder(of: ledger.path)
        try tags.begin(
            with: [tag], after: 0, certificate: CopyCertificate(), ledgerSequence: 0)
        let (sequence, mac, _) = tags.mark
        try ledger.make(
            LedgerRecord(kind: .made, at: Freshness.now(), tableSequence: sequence, tableMAC: mac))
        log.withLock {
            $0 = LogState()
            $0.expected = FreshnessRules.Expected(
                generation: LedgerRecord.Generation(), frames: 0)
        }
    }

    // MARK: Opening

    /// Judges the files before SQLite sees them.
    ///
    /// - Throws: `Setback`, `SystemFault`.
    func judge() throws {
        guard try ledger.load(), let newest = ledger.last else { throw Setback.ledgerMissing }
        let hasTable = try tags.load()
        if newest.kind == .accepted { return try adopt(newest) }
        guard hasTable else { throw Setback.tableMissing }
        let kept = tags.takeLoaded()
        if let exchange = ledger.exchange(bringing: kept) {
            try requireWholeAndLogless()
            return try adopt(exchange)
        }
        guard let last = ledger.standing else { throw Setback.ledgerMissing }
        try FreshnessRules.judge(
            table: FreshnessRules.Table(
                sequence: kept.sequence, certificate: kept.certificate,
                ledgerSequence: kept.ledgerSequence, macs: kept.macs),
            ledger: last, ledgerSequence: ledger.sequence)
        let head = try logHead()
        let expected = try FreshnessRules.judge(
            log: head, certificate: kept.certificate, ledger: last)
        if head == .absent { try look(at: kept.newest) }
        log.withLock {
            $0 = LogState()
            $0.expected = expected
            $0.commit = max(last.commit, kept.certificate.commit)
        }
        if newest.kind == .exchanged { try ledger.withdraw(at: Freshness.now()) }
    }

    /// Takes the files as they are: somebody has said why.
    private func adopt(_ last: LedgerRecord) throws {
        let kept = tags.takeLoaded()
        try tags.begin(
            with: try pageTags(),
            after: max(kept.sequence, last.tableSequence, ledger.standing?.tableSequence ?? 0),
            certificate: CopyCertificate(), ledgerSequence: ledger.sequence)
        log.withLock {
            $0 = LogState()
            $0.isAdopting = true
            $0.commit = max(last.commit, kept.certificate.commit)
            let number = max(last.generation.number, kept.certificate.generation) + 1
            $0.expected = FreshnessRules.Expected(
                generation: LedgerRecord.Generation(number: number, base: $0.commit), frames: 0)
        }
    }

    /// Judges what recovery found, once the first connection is open.
    func judgeRecovered() throws(Setback) {
        guard let last = ledger.last else { throw .ledgerMissing }
        let certificate = tags.mark.certificate
        try log.withLock { log throws(Setback) in
            try Freshness.settle(&log, last, certificate)
        }
    }

    /// The same, and notes it in the ledger.
    ///
    /// - Throws: `Setback`, `SystemFault`.
    func settle() throws {
        try judgeRecovered()
        guard let last = ledger.last else { throw Setback.ledgerMissing }
        let hasCommits = log.withLock { !$0.commits.isEmpty }
        // Recovered commits may never have been flushed; the ledger must not know more than the
        // disk does.
        if hasCommits { try Disk.flush(main + "-wal") }
        noteFlushed(mark())
        var same = last
        same.kind = .opened
        same.at = Freshness.now()
        let now = draft(.opened, at: same.at, after: last)
        if last.kind.isAcceptance || now != same { try ledger.append { _ in now } }
    }

    private static func settle(
        _ log: inout LogState, _ last: LedgerRecord, _ certificate: CopyCertificate
    ) throws(Setback) {
        guard let expected = log.expected else { throw .ledgerMissing }
        log.generation = expected.generation
        if log.isAdopting {
            log.generation.salts = log.found ?? 0
        } else if log.found == nil {
            // What looked like a log may have been none.
            _ = try FreshnessRules.judge(log: .absent, certificate: certificate, ledger: last)
        } else if log.found != expected.generation.salts {
            throw .logOfOtherGeneration
        }
        if log.found == nil {
            log.commits = []
        } else {
            let frames = UInt64(log.commits.last ?? 0)
            guard frames >= expected.frames else {
                throw .logShorter(expected: expected.frames, found: frames)
            }
            log.commit = max(log.commit, log.generation.base + UInt64(log.commits.count))
        }
        log.highest = max(last.generation.number, log.generation.number)
        log.headed = log.generation.number
        log.flushed = log.generation
    }

    func logHead() throws(SystemFault) -> FreshnessRules.LogHead {
        guard let bytes = try Disk.contents(of: main + "-wal", limit: Format.logHeader),
            bytes.contains(where: { $0 != 0 })
        else { return .absent }
        guard bytes.count == Format.logHeader else { return .alien }
        var header = bytes
        return header.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress,
                LogHeader.turn(base, from: Format.logVersion, to: Format.stockLogVersion)
            else { return .alien }
            return .salts(LogHeader.salts(base + 16))
        }
    }

    /// The tag of every page as it lies in the main file.
    func pageTags() throws(SystemFault) -> [PageTag] {
        var tags: [PageTag] = []
        try Disk.eachPage(of: main) { _, page in tags.append(PageTag(page + Format.tagOffset)) }
        return tags
    }

    /// Compares the pages that were written last; any older main file has others.
    private func look(at newest: [UInt32]) throws {
        let pages = (Disk.size(of: main) ?? 0) / Format.page
        guard pages >= tags.pages else { throw Setback.mainShorter(page: pages + 1) }
        for (number, tag) in try Disk.tags(of: newest, in: main) where number != Format.lockPage {
            let isNewest = tag.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.map { tags.isNewest(Int(number), $0) } ?? false
            }
            guard isNewest else { throw Setback.pageOlder(Int(number)) }
        }
    }

    // MARK: The log, as its file sees it

    /// Recovery reads the log from its start.
    func recoveryBegan(salts: UInt64?) {
        log.withLock {
            $0.found = salts
            $0.commits = []
        }
    }

    func recovered(commitFrame frame: Int) {
        log.withLock { $0.commits.append(UInt32(truncatingIfNeeded: frame)) }
    }

    /// A header with new salts is about to be written: the ledger knows it first.
    ///
    /// - Throws: `SystemFault`.
    func begin(salts: UInt64) throws(SystemFault) {
        let at = Freshness.now()
        try telling { () throws(SystemFault) in try begin(salts: salts, at: at) }
    }

    private func begin(salts: UInt64, at: Int64) throws(SystemFault) {
        try ledger.append { last in
            let (sequence, mac, _) = tags.mark
            return log.withLock { log in
                LedgerRecord(
                    kind: .begun, at: at,
                    generation: LedgerRecord.Generation(
                        number: log.highest + 1, salts: salts, base: log.commit),
                    prior: log.flushed, commit: max(log.commit, last?.commit ?? 0),
                    tableSequence: sequence, tableMAC: mac)
            }
        } then: {
            log.withLock { log in
                log.highest += 1
                log.generation = LedgerRecord.Generation(
                    number: log.highest, salts: salts, base: log.commit)
                log.commits = []
            }
        }
    }

    /// The header is written.
    func began() { log.withLock { $0.headed = $0.generation.number } }

    /// A frame is the last of a commit.
    func committed(frame: Int) {
        log.withLock {
            $0.commits.append(UInt32(truncatingIfNeeded: frame))
            $0.commit += 1
        }
    }

    /// The frame is written anew, so it and those behind it are no commits any more.
    func undone(from frame: Int) {
        log.withLock { log in
            while let last = log.commits.last, Int(last) >= frame {
                log.commits.removeLast()
                log.commit -= min(1, log.commit)
            }
        }
    }

    /// How far the log has been written; to be given to `noteFlushed` when a flush that began after
    /// has succeeded.
    func mark() -> (generation: UInt64, frame: UInt64) {
        log.withLock { ($0.headed, UInt64($0.commits.last ?? 0)) }
    }

    func noteFlushed(_ mark: (generation: UInt64, frame: UInt64)) {
        let isNews = log.withLock { log in
            guard log.generation.number == mark.generation else { return false }
            let isNews = mark.frame > log.generation.frames
            if isNews { log.generation.frames = mark.frame }
            log.flushed = log.generation
            return isNews
        }
        if isNews { changed() }
    }

    /// The main file is flushed and holds the log up to `frame`, 0 for unknown: keeps the tags.
    ///
    /// - Throws: `SystemFault`.
    func copiedBack(through frame: Int) throws(SystemFault) {
        let certificate = log.withLock { log -> CopyCertificate? in
            guard frame > 0 else { return nil }
            let commits = log.commits.count { Int($0) <= frame }
            return CopyCertificate(
                generation: log.generation.number, frame: UInt64(frame),
                commit: log.generation.base + UInt64(commits))
        }
        try telling { () throws(SystemFault) in
            try tags.keep(certificate, ledgerSequence: ledger.sequence)
        }
        changed()
    }

    private func changed() { onChange.withLock { $0.ring }?() }

    // MARK: Notes in the ledger

    /// Writes down how far commits are flushed.
    ///
    /// - Throws: `SystemFault`.
    func note(_ kind: LedgerRecord.Kind) throws(SystemFault) {
        let at = Freshness.now()
        try telling { () throws(SystemFault) in
            try ledger.append { draft(kind, at: at, after: $0) }
            try ledger.fold()
        }
    }

    /// What is known now. Only commits that are flushed count.
    func draft(_ kind: LedgerRecord.Kind, at: Int64, after last: LedgerRecord?) -> LedgerRecord {
        // The table first: on disk it may be newer than this record says, never older.
        let (sequence, mac, certificate) = tags.mark
        return log.withLock { log in
            let flushed = log.commits.count { UInt64($0) <= log.generation.frames }
            return LedgerRecord(
                kind: kind, at: at, generation: log.generation,
                prior: log.flushed.number == log.generation.number ? nil : log.flushed,
                commit: max(
                    log.generation.base + UInt64(flushed), certificate.commit, last?.commit ?? 0),
                tableSequence: sequence, tableMAC: mac)
        }
    }
}
