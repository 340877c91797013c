// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS
import Foundation
import Kernel

/// What the one who takes a snapshot adds to it.
package struct SnapshotNotes: Sendable {
    package var previous: [UInt8] = []
    package var journalSeq: Int64 = 0
    package var journalHash: [UInt8] = []
    package var program = ""

    package init() {}
}

extension SealedStore {
    /// Copies the store, sealed as it is, part by part, while the writer and the readers go on.
    ///
    /// Every page is opened once on the way, so that no damage is copied unnoticed. The snapshot
    /// is whole when its segments up to `sequence` are kept as well as its parts.
    /// - Parameters:
    ///   - notes: what the manifest holds besides.
    ///   - keep: keeps a part under its name; may throw, which ends the copy.
    ///   - progress: pages done and pages in all.
    /// - Throws: `BackupFault`.
    package func takeSnapshot(
        _ notes: SnapshotNotes, keep: (String, [UInt8]) throws -> Void,
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws -> Snapshot {
        guard let spool else { throw BackupFault.notCapturing }
        let began = clock()
        let (chain, logStart) = try spool.snapshotStart()
        let folder = Snapshot.folder(chain, began)
        let connection = try Connection(vault, .copier)
        defer { connection.close() }
        var parts: [[UInt8]] = []
        var pages = 0
        try connection.use { connection in
            let reading = try PageReading(connection)
            while true {
                let total = try reading.pageCount()
                let part = try reading.pages(from: pages, count: Snapshot.partPages)
                guard !part.isEmpty else { break }
                try keep(Snapshot.partName(folder, parts.count), part)
                parts.append(BackupSeal.hash(part[...]))
                pages += part.count / Format.page
                progress(pages, max(pages, total))
                guard part.count == Snapshot.partPages * Format.page else { break }
            }
        }
        let end = try spool.snapshotEnd(of: chain)
        return Snapshot(
            chain: chain, logStart: logStart, sequence: end.sequence, commit: end.commit,
            began: began, ended: clock(), pages: pages, partPages: Snapshot.partPages,
            parts: parts, previous: notes.previous, journalSeq: notes.journalSeq,
            journalHash: notes.journalHash, ledgerHead: ledgerHead?.bytes ?? [],
            program: notes.program)
    }

    /// Opens every page of the main file. Returns how many there are and the first that does not.
    package func verifyPages(progress: (Int, Int) -> Void = { _, _ in }) throws
        -> (pages: Int, damaged: Int?)
    {
        let connection = try Connection(vault, .copier)
        defer { connection.close() }
        return try connection.use { connection in
            let reading = try PageReading(connection)
            var done = 0
            while true {
                do {
                    let part = try reading.pages(from: done, count: Snapshot.partPages)
                    done += part.count / Format.page
                    progress(done, try reading.pageCount())
                    guard part.count == Snapshot.partPages * Format.page else { return (done, nil) }
                } catch BackupFault.damagedPage(let number) {
                    return (done, number)
                }
            }
        }
    }
}

/// Reads sealed pages of the main file through a connection's own descriptor: closing another one
/// on the same file would drop the locks that this process holds on it (POSIX).
private struct PageReading: ~Copyable {
    /// Looks at a page that does not open: it may have been read while it was written.
    private static let looks = 10
    private let main: UnsafeMutablePointer<sluice_file>
    private let coder: PageCoder

    init(_ connection: Connection) throws {
        var found: UnsafeMutableRawPointer?
        let code = sqlite3_file_control(
            connection.handle, "main", SQLITE_FCNTL_FILE_POINTER, &found)
        guard code == SQLITE_OK, let main = found?.assumingMemoryBound(to: sluice_file.self) else {
            throw StoreFault.closed
        }
        self.main = main
        coder = PageCoder(connection.vault)
    }

    func pageCount() throws -> Int {
        var size: Int64 = 0
        guard sluice_size(main, &size) == SQLITE_OK else {
            throw BackupFault.system(SystemFault("size of the main file"))
        }
        return Int(size) / Format.page
    }

    /// Sealed pages behind the first `done`, fewer at the end of the file.
    func pages(from done: Int, count: Int) throws -> [UInt8] {
        let count = min(count, max(0, try pageCount() - done))
        var bytes = [UInt8](repeating: 0, count: count * Format.page)
        guard count > 0 else { return bytes }
        try read(&bytes, from: 0, count: bytes.count, page: done)
        for index in 0..<count where !coder.opens(bytes, at: index * Format.page, done + index + 1)
        {
            try lookAgain(&bytes, index, number: done + index + 1)
        }
        return bytes
    }

    private func lookAgain(_ bytes: inout [UInt8], _ index: Int, number: Int) throws {
        for _ in 0..<PageReading.looks {
            usleep(1000)
            try read(&bytes, from: index * Format.page, count: Format.page, page: number - 1)
            if coder.opens(bytes, at: index * Format.page, number) { return }
        }
        throw BackupFault.damagedPage(number)
    }

    private func read(_ bytes: inout [UInt8], from start: Int, count: Int, page: Int) throws {
        let code = bytes.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map {
                sluice_read(main, $0 + start, Int32(count), Int64(page * Format.page))
            } ?? SQLITE_MISUSE
        }
        guard code == SQLITE_OK else { throw BackupFault.damagedPage(page + 1) }
    }
}
