// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS
import CSodium
import Glibc
import Synchronization

/// A page that did not open: which file, and which page or frame of it. Never its content.
package struct Damage: Sendable, Equatable {
    package enum File: String, Sendable { case main, log }
    package enum Cause: String, Sendable {
        /// It is not what was written there.
        case broken
        /// It was written there, and something newer has been since: an older version of the page
        /// was put back.
        case stale
    }
    package let file: File
    /// The number of the page in the main file, or of the frame in the log, from 1; 0 is the header.
    package let number: Int
    package var cause = Cause.broken
}

/// What all open files of one store share: its keys, its fence, and what it knows of its log.
final class Vault: Sendable {
    /// Full path of the main file.
    let path: String
    let databaseID: [UInt8]
    let epoch: UInt32
    let pageKey: SecretBytes
    let frameKey: SecretBytes
    let fields: FieldSealer
    /// The 16 bytes at the start of the main file.
    let mark: [UInt8]
    /// Notices older versions of pages and files; nil only for a look at a store's bare files.
    let freshness: Freshness?

    private let fenced = Atomic<Bool>(false)
    private let frames = Atomic<Int>(0)
    private let committed = Atomic<Int>(0)
    fileprivate let state = Mutex(State())

    fileprivate struct State {
        var damage: Damage?
        var damageCount = 0
        var onFence: (@Sendable (String) -> Void)?
        var position = LogPosition()
        var spool: Spool?
    }

    init(path: String, key: RootKey, freshness: Freshness? = nil) throws {
        self.path = path
        self.freshness = freshness
        databaseID = key.databaseID
        epoch = key.epoch
        pageKey = try key.subkey("sl.pages")
        frameKey = try key.subkey("sl.frame")
        fields = try FieldSealer(key)
        mark = Vault.mark(
            databaseID: key.databaseID, epoch: key.epoch, check: try key.subkey("sl.check"))
        freshness?.whenFailed { [weak self] fault in _ = self?.code(for: fault) }
    }

    /// Magic, format, algorithm, epoch, the start of the database's id, and a check of the key.
    private static func mark(databaseID: [UInt8], epoch: UInt32, check: SecretBytes) -> [UInt8] {
        var mark = Format.magic + [Format.version, Format.algorithm]
        mark.append(UInt8(truncatingIfNeeded: epoch))
        mark.append(UInt8(truncatingIfNeeded: epoch >> 8))
        mark += databaseID.prefix(4)
        var proof = [UInt8](repeating: 0, count: 16)
        crypto_generichash(&proof, 16, databaseID, UInt64(databaseID.count), check.pointer, 32)
        return mark + proof.prefix(4)
    }

    /// Tells apart "not ours", "of another database", "of another epoch" and "wrong key" by the start of a main file.
    func verify(mark found: [UInt8]) throws(StoreFault) {
        guard found.count == Format.mark, found.starts(with: Format.magic) else { throw .notOurs }
        guard found[4] == Format.version, found[5] == Format.algorithm else {
            throw .newer("file format \(found[4]).\(found[5])")
        }
        guard found[8..<12] == mark[8..<12] else { throw .otherDatabase }
        guard found[6..<8] == mark[6..<8] else {
            throw .otherEpoch(
                file: Int(found[6]) | Int(found[7]) << 8, key: Int(mark[6]) | Int(mark[7]) << 8)
        }
        guard found == mark else { throw .wrongKey }
    }

    // MARK: The fence

    var isFenced: Bool { fenced.load(ordering: .acquiring) }

    /// After a failed flush nobody knows what the disk holds: nothing may be written any more.
    func fence(_ reason: String) {
        guard !fenced.exchange(true, ordering: .acquiringAndReleasing) else { return }
        state.withLock { $0.onFence }?(reason)
    }

    /// The result code for a file of ours that could not be written. A full disk is not the end; a
    /// flush that failed is, and so is anything that nobody expects.
    func code(for fault: SystemFault) -> Int32 {
        if !fault.isFlush, fault.number == ENOSPC || fault.number == EDQUOT { return SQLITE_FULL }
        fence("\(fault.call) failed")
        return fault.isFlush ? sluice_ioerr_fsync : sluice_ioerr_write
    }

    func onFence(_ notify: @escaping @Sendable (String) -> Void) {
        state.withLock { $0.onFence = notify }
    }

    // MARK: Damage

    func report(_ damage: Damage) {
        state.withLock {
            $0.damage = damage
            $0.damageCount += 1
        }
    }

    var lastDamage: Damage? { state.withLock { $0.damage } }
    var damageCount: Int { state.withLock { $0.damageCount } }

    // MARK: The log

    /// Frames that the log holds since it was last begun anew.
    var logFrames: Int {
        get { frames.load(ordering: .relaxed) }
        set { frames.store(newValue, ordering: .relaxed) }
    }

    /// The last frame of the last transaction in the log, 0 for none. Only one connection writes
    /// at a time, and SQLite's locks order what it wrote before the next one's writes.
    var lastCommitFrame: Int {
        get { committed.load(ordering: .relaxed) }
        set { committed.store(newValue, ordering: .relaxed) }
    }
}

/// How far the log is flushed to disk, in whole transactions.
struct LogPosition: Equatable {
    /// Grows by one each time that the log is begun anew in this process.
    var generation = 0
    /// The last frame of the last transaction that is durable, 0 for none.
    var flushed = 0
}

extension Vault {
    /// Who is told before the log is begun anew.
    func tap(_ spool: Spool?) { state.withLock { $0.spool = spool } }

    var spool: Spool? { state.withLock { $0.spool } }

    var logPosition: LogPosition { state.withLock { $0.position } }

    /// The log's last commit that is written: durable once a flush that begins now has ended.
    var logWritten: LogPosition {
        var written = logPosition
        written.flushed = lastCommitFrame
        return written
    }

    func logFlushed(_ reached: LogPosition) {
        state.withLock {
            guard $0.position.generation == reached.generation else { return }
            $0.position.flushed = max($0.position.flushed, reached.flushed)
        }
    }

    /// Called before the first byte of the log is overwritten or removed.
    func logEnds() { spool?.logEnds() }

    func logBegan() {
        state.withLock {
            $0.position = LogPosition(generation: $0.position.generation + 1, flushed: 0)
        }
    }
}

/// The stores that are open in this process; SQLite knows them by path only.
enum OpenVaults {
    private static let byPath = Mutex<[String: Vault]>([:])

    static func add(_ vault: Vault) throws(StoreFault) {
        let added = byPath.withLock { vaults in
            guard vaults[vault.path] == nil else { return false }
            vaults[vault.path] = vault
            return true
        }
        if !added { throw .inUse }
    }

    static func remove(_ vault: Vault) {
        byPath.withLock { vaults in
            if vaults[vault.path] === vault { vaults[vault.path] = nil }
        }
    }

    static func vault(at path: String) -> Vault? { byPath.withLock { $0[path] } }
}
