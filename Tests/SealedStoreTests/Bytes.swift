// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS
import Foundation

@testable import SealedStore

/// All bytes of a file.
func bytes(of path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path)))
}

func write(_ bytes: [UInt8], to path: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
}

/// What a look at a store's files with its key finds.
enum Finding: Equatable {
    case names([String])
    case refused(Int32)
    case setback(Setback)
}

/// A plain SQLite connection over the sealing file layer: quick to open, for many looks.
struct RawLook {
    let vault: Vault

    init(_ room: Room) throws {
        try Engine.start()
        // The layer names files by their path without links.
        let folder = Disk.resolved(room.folder) ?? room.folder
        vault = try Vault(path: folder + "/store.db", key: room.key)
    }

    /// All names in `thing` and whether the whole file is in order.
    func names() throws -> Finding {
        try OpenVaults.add(vault)
        defer { OpenVaults.remove(vault) }
        var handle: OpaquePointer?
        defer { sqlite3_close(handle) }
        var code = sqlite3_open_v2(vault.path, &handle, SQLITE_OPEN_READWRITE, nil)
        guard code == SQLITE_OK else { return .refused(code) }
        sqlite3_extended_result_codes(handle, 1)
        let texts = ["SELECT name FROM thing ORDER BY id", "PRAGMA integrity_check"]
        var found: [[String]] = []
        for text in texts {
            var statement: OpaquePointer?
            defer { sqlite3_finalize(statement) }
            code = sqlite3_prepare_v2(handle, text, -1, &statement, nil)
            guard code == SQLITE_OK else { return .refused(code) }
            var rows: [String] = []
            while true {
                code = sqlite3_step(statement)
                guard code == SQLITE_ROW, let value = sqlite3_column_text(statement, 0) else {
                    break
                }
                rows.append(String(cString: value))
            }
            guard code == SQLITE_DONE else { return .refused(code) }
            found.append(rows)
        }
        return found[1] == ["ok"] ? .names(found[0]) : .names(["broken"] + found[1])
    }
}

/// A generator whose seed a failing test prints. SplitMix64; source: Steele et al., 2014.
struct SeededRandom: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init(_ seed: UInt64 = UInt64.random(in: 1...UInt64.max)) {
        self.seed = seed
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension SealedStore {
    /// Runs SQL on the writer's own connection, between two commits. Returns what failed.
    func onWriter(_ sql: String) throws -> StoreFault? {
        let answer = Answer<StoreFault?>()
        try writer.queue.putAlone { connection in
            answer.give(
                Result {
                    do {
                        try connection.script(sql) { _ in }
                        return nil
                    } catch let fault as StoreFault {
                        return fault
                    }
                })
        }
        return try answer.wait()
    }
}
