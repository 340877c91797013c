// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel

@testable import SealedStore

extension FuzzTarget {
    static let store = [
        FuzzTarget("store", bytesMax: 120) { bytes in try Pages.shared.tries(bytes) }
    ]
}

/// A small sealed store with pages, a log, a tag table and a ledger, which are changed as the input
/// says and opened as the daemon does: refused, or every row is there.
private final class Pages: Sendable {
    static let shared = Pages()

    /// By path from the folder.
    private let files: [(path: String, bytes: [UInt8])]
    private let folder: String
    private static let rows = (1...20).map { "thing \($0)" }

    private init() {
        let isQuick = FileManager.default.fileExists(atPath: "/dev/shm")
        folder = (isQuick ? "/dev/shm" : NSTemporaryDirectory()) + "/sluice-fuzz-\(getpid())"
        do {
            files = try Pages.made(in: folder)
        } catch {
            fatalError("\(error)")
        }
        atexit { try? FileManager.default.removeItem(atPath: Pages.shared.folder) }
    }

    /// The files of a store whose log holds half of the rows.
    private static func made(in folder: String) throws -> [(path: String, bytes: [UInt8])] {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        var store = try open(folder)
        for (index, name) in rows.enumerated() {
            if index == rows.count / 2 {
                store.close()
                store = try open(folder)
            }
            try store.write { tx in
                tx.markTold()
                try tx.run("INSERT INTO thing (name) VALUES (?)", [name])
            }
        }
        try store.vault.freshness?.note(.state)
        let names = ["store/store.db", "store/store.db-wal", "store/store.db-tags", "ledger/store"]
        let files = try names.map { name in
            (name, Array(try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name))))
        }
        store.close()
        return files
    }

    private static func open(_ folder: String) throws -> SealedStore {
        try SealedStore.open(
            folder: folder + "/store", key: Known.root, schemas: [schema],
            clock: { Instant(microseconds: 1_795_000_000_000_000) })
    }

    private static let schema = RoomSchema(
        room: "things", prefix: "thing",
        migrations: [
            Migration(
                1, "things",
                "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;")
        ])

    /// Six bytes are one change: which file and how, where, and by what.
    func tries(_ input: [UInt8]) throws {
        var files = files
        for start in stride(from: 0, to: input.count - 5, by: 6) {
            let edit = input[start..<start + 6].map(Int.init)
            let number = edit[0] % files.count
            let count = files[number].bytes.count
            guard count > 0 else { continue }
            let offset = (edit[1] << 16 | edit[2] << 8 | edit[3]) % count
            switch edit[4] % 4 {
            case 0: files[number].bytes.removeLast(count - offset)
            default: files[number].bytes[offset] ^= UInt8(edit[5])
            }
        }
        try? FileManager.default.removeItem(atPath: folder)
        for sub in ["/store", "/ledger"] {
            try FileManager.default.createDirectory(
                atPath: folder + sub, withIntermediateDirectories: true)
        }
        for file in files {
            try Data(file.bytes).write(to: URL(fileURLWithPath: folder + "/" + file.path))
        }
        do {
            let store = try Pages.open(folder)
            defer { store.close() }
            let found = try store.read { tx in
                try tx.all("SELECT name FROM thing ORDER BY id") { $0.text(0) }
            }
            promise(found == Pages.rows, "rows are missing or others: \(found)")
        } catch is StoreFault {
        } catch is KeyFault {
        }
    }
}
