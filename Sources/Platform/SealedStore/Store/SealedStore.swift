// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
package import Kernel

/// All data of the appliance: one database, sealed page by page, with one writer.
///
/// Nothing outside this target knows that there is SQLite or sealing. Rooms see transactions and
/// SQL text. The files are `store.db`, its log `store.db-wal` and its tag table `store.db-tags` in one
/// folder, and in the folder `ledger` beside it a generation ledger of the folder's name.
package final class SealedStore: Sendable {
    /// Full path of the folder.
    package let folder: String
    let vault: Vault
    let pool: ReaderPool
    let writer: Writer
    let copier: Copier
    let clock: @Sendable () -> Instant
    let parts: BackupParts
    private let writerConnection: Connection
    private let keeper: LedgerKeeper?
    private let lock: FolderLock

    static let fileName = "store.db"

    /// Opens the store in `folder`, makes it when there is none, and brings its tables up to date.
    ///
    /// - Parameters:
    ///   - key: the root key; it names the database, too.
    ///   - schemas: of all rooms, each before those that point at its tables.
    ///   - clock: the time of transactions.
    ///   - readers: reads at the same time; each may hold 8 MiB of pages.
    ///   - ledger: path of the generation ledger; nil for `ledger/NAME` beside the folder NAME.
    ///   - pace: when the log is copied back.
    ///   - backup: how commits can be captured; nil for books that are not backed up.
    /// - Throws: `StoreFault`: not ours, wrong key, another database, in use, newer, damaged, behind
    ///   what is known of it, or a migration that breaks a rule; `KeyFault.noSecureMemory`.
    package static func open(
        folder: String, key: RootKey, schemas: [RoomSchema],
        clock: @escaping @Sendable () -> Instant, readers: Int = 2, ledger: String? = nil,
        pace: CopyPace = .usual, backup: BackupPlan? = nil
    ) throws -> SealedStore {
        try Engine.start()
        let lock = try FolderLock(folder)
        let path = lock.folder + "/" + fileName
        let freshness = try Freshness(
            main: path, ledger: ledger ?? Freshness.ledgerPath(of: lock.folder), key: key)
        let vault = try Vault(path: path, key: key, freshness: freshness)
        try OpenVaults.add(vault)
        var opened: [Connection] = []
        do {
            let seal = try BackupSeal(key)
            let spool = try backup.map {
                try Spool($0, vault: vault, seal: seal, clock: clock)
            }
            vault.tap(spool)
            try judging { try prepareFile(vault, freshness) }
            let writer = try Connection(vault, .writer)
            opened.append(writer)
            try judging { try freshness.settle() }
            let migrator = Migrator(connection: writer, schemas: schemas, now: clock())
            try writer.use { _ in try migrator.run() }
            let copier = try Connection(vault, .copier)
            opened.append(copier)
            for _ in 0..<max(1, readers) { opened.append(try Connection(vault, .reader)) }
            let parts = BackupParts(plan: backup, spool: spool, seal: seal, schemas: schemas)
            return SealedStore(vault, opened, lock, clock, pace, parts)
        } catch {
            for connection in opened.reversed() { connection.close() }
            vault.tap(nil)
            OpenVaults.remove(vault)
            throw StoreFault.of(error, vault: vault)
        }
    }

    /// - Parameter connections: the writer's, the copier's, then the readers'.
    private init(
        _ vault: Vault, _ connections: [Connection], _ lock: FolderLock,
        _ clock: @escaping @Sendable () -> Instant, _ pace: CopyPace, _ parts: BackupParts
    ) {
        self.vault = vault
        self.lock = lock
        self.clock = clock
        folder = lock.folder
        writerConnection = connections[0]
        copier = Copier(connections[1], pace)
        keeper = vault.freshness.map { LedgerKeeper($0, vault) }
        writer = Writer(connections[0], copier: copier, clock: clock)
        pool = ReaderPool(Array(connections.dropFirst(2)), clock: clock)
        self.parts = parts
        keeper?.start()
        copier.startThread()
        parts.spool?.startThread()
        writer.start()
    }

    /// Makes the main file of a new store, or looks whether the one that is there is ours and as new
    /// as it should be.
    private static func prepareFile(_ vault: Vault, _ freshness: Freshness) throws {
        guard let start = try Disk.contents(of: vault.path, limit: Format.mark) else {
            guard !Disk.exists(vault.path + "-wal") else { throw StoreFault.logWithoutMain }
            guard try !freshness.knowsStore() else { throw Setback.storeMissing }
            return try NewDatabase.create(at: vault.path, vault: vault)
        }
        do {
            try vault.verify(mark: start)
        } catch {
            // A copy back that was cut may have torn page 1, which the log then holds whole. Ledger
            // and tag table open with this key only, so they tell that the store is ours.
            let hasFrames = (Disk.size(of: vault.path + "-wal") ?? 0) > Format.logHeader
            guard hasFrames, (try? freshness.judge()) != nil else { throw error }
            return
        }
        try freshness.judge()
    }

    private static func judging(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let setback as Setback {
            throw StoreFault.behind(setback)
        } catch let fault as SystemFault {
            throw StoreFault.system(fault)
        }
    }

    // MARK: Reading

    /// Reads in one consistent view; waits while all readers are at work. A read inside a read
    /// takes a second reader.
    package func read<T>(_ body: (ReadTransaction) throws -> T) throws -> T {
        try pool.read(body)
    }

    /// Like `read`, but answers nil at once when all readers are at work.
    package func readIfFree<T>(_ body: (ReadTransaction) throws -> T) throws -> T? {
        try pool.readIfFree(body)
    }

    // MARK: Writing

    /// Hands `work` to the writer. It happens wholly or not at all: an error that it throws undoes
    /// it and nothing else.
    ///
    /// - Parameter then: called once, on the writer's thread, after the flush to disk, or with the
    ///   error. It holds up all other work, so it only hands the answer on.
    ///   `StoreRefusal.busy` comes at once, on the caller's thread.
    package func submit<T: Sendable>(
        _ work: @escaping @Sendable (WriteTransaction) throws -> T,
        then: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        let piece = TypedWork(work, then)
        do {
            guard !vault.isFenced else { throw StoreFault.fenced }
            try writer.queue.put(piece)
        } catch {
            piece.answer(error)
        }
    }

    /// Like `submit`, and waits for the answer. Not from a `then`, nor from within work.
    @discardableResult
    package func write<T: Sendable>(
        _ work: @escaping @Sendable (WriteTransaction) throws -> T
    ) throws -> T {
        guard !writer.isCurrentThread else { throw StoreFault.wouldDeadlock }
        let answer = Answer<T>()
        submit(work, then: answer.give)
        return try answer.wait()
    }

    /// Adds a bell that rings on the writer's thread after each commit that changed something.
    package func onCommit(_ bell: @escaping @Sendable () -> Void) { writer.onCommit(bell) }

    /// Sets what to do when a flush to disk fails: the store then takes no more writes, and the
    /// program should end and start anew. Called once, with the reason, on any thread.
    package func onFence(_ notify: @escaping @Sendable (String) -> Void) { vault.onFence(notify) }

    /// Does what waits, copies the log back and closes. Later calls answer `StoreFault.closed`.
    package func close() {
        guard lock.beginClosing() else { return }
        pool.close()
        writer.close()
        writerConnection.close()
        parts.spool?.close()
        keeper?.close()
        OpenVaults.remove(vault)
        lock.release()
    }
}

/// An answer that one thread waits for.
final class Answer<T: Sendable>: @unchecked Sendable {  // `ready` orders the one write and read.
    private let ready = DispatchSemaphore(value: 0)
    private var result: Result<T, any Error> = .failure(StoreFault.closed)

    func give(_ result: Result<T, any Error>) {
        self.result = result
        ready.signal()
    }

    func wait() throws -> T {
        ready.wait()
        return try result.get()
    }
}
