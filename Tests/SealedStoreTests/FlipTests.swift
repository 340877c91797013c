// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS
import Foundation
import Testing

@testable import SealedStore

/// Single bits flipped anywhere in the main file and the log of a store. Each flip is refused, or it
/// does no harm: all that was committed is read back as it was.
///
/// 4,000 of them in a normal run; `SLUICE_FLIPS=all` tries every bit (`make flips`).
@Suite(.serialized) struct FlipTests {
    private static let sample = 4_000
    private static let rows = 40

    /// A store of at least 64 pages and a log of at least 32 frames.
    private func subject() throws -> Room {
        let room = try Room()
        var store = try room.open()
        for index in 0..<FlipTests.rows {
            try store.add("thing \(index)", filling: [UInt8](repeating: 3, count: 6_000))
        }
        store.close()
        store = try room.open()
        for index in 0..<4 {
            try store.grow("UPDATE thing SET amount = amount + 1 WHERE id % 4 = \(index)")
        }
        try store.noteNow()
        let copy = try room.copied()
        store.close()
        return copy
    }

    /// Every row that was committed.
    private var whole: [String] {
        (0..<FlipTests.rows).map { "thing \($0) 1 6000" }
    }

    @Test func `a flipped bit is refused or does no harm`() throws {
        let room = try subject()
        let pages = (room.size(of: room.main) ?? 0) / 4096
        let frames = ((room.size(of: room.log) ?? 0) - 32) / 4120
        #expect(pages >= 64 && frames >= 32, "\(pages) pages, \(frames) frames")
        let look = try FreshLook(room)
        #expect(try look.rows() == .names(whole))
        let bits = 8 * (pages * 4096 + 32 + frames * 4120)
        let isAll = ProcessInfo.processInfo.environment["SLUICE_FLIPS"] == "all"
        var random = SeededRandom()
        let step = isAll ? 1 : bits / FlipTests.sample
        var figures = (refused: 0, unharmed: 0)
        for start in stride(from: 0, to: bits, by: step) {
            let bit =
                isAll ? start : min(bits - 1, start + Int.random(in: 0..<step, using: &random))
            let byte = bit / 8
            let inMain = byte < pages * 4096
            let file = try Patch(inMain ? room.main : room.log)
            try file.flip(inMain ? byte : byte - pages * 4096, UInt8(1) << UInt8(bit % 8))
            switch try look.rows() {
            case .refused, .setback: figures.refused += 1
            case .names(whole): figures.unharmed += 1
            case .names(let found):
                Issue.record("seed \(random.seed), bit \(bit): \(found.prefix(3)) …")
            }
            try file.undo()
        }
        #expect(try look.rows() == .names(whole))
        print(
            "flips: \(pages) pages, \(frames) frames, \(figures.refused + figures.unharmed) of "
                + "\(bits) bits: \(figures.refused) refused, \(figures.unharmed) without harm")
        #expect(figures.refused > figures.unharmed)
    }
}

/// One byte of a file, changed in place and put back.
private final class Patch {
    private let file: Int32
    private var kept: (offset: off_t, byte: UInt8)?

    init(_ path: String) throws {
        file = open(path, O_RDWR | O_CLOEXEC)
        try #require(file >= 0)
    }

    deinit { close(file) }

    func flip(_ offset: Int, _ mask: UInt8) throws {
        var byte: UInt8 = 0
        try #require(pread(file, &byte, 1, off_t(offset)) == 1)
        kept = (off_t(offset), byte)
        byte ^= mask
        try #require(pwrite(file, &byte, 1, off_t(offset)) == 1)
    }

    func undo() throws {
        guard let kept else { return }
        self.kept = nil
        var byte = kept.byte
        try #require(pwrite(file, &byte, 1, kept.offset) == 1)
    }
}

/// Looks at a store as `SealedStore.open` does, quickly and without changing a byte.
struct FreshLook {
    private let room: Room
    private let path: String

    init(_ room: Room) throws {
        try Engine.start()
        self.room = room
        path = (Disk.resolved(room.folder) ?? room.folder) + "/store.db"
    }

    func rows() throws -> Finding {
        let freshness = try Freshness(
            main: path, ledger: Freshness.ledgerPath(of: room.folder), key: room.key)
        let vault = try Vault(path: path, key: room.key, freshness: freshness)
        do {
            guard let start = try Disk.contents(of: path, limit: 16) else { return .refused(-1) }
            try vault.verify(mark: start)
            try freshness.judge()
            return try read(vault, freshness)
        } catch let setback as Setback {
            return .setback(setback)
        } catch is StoreFault {
            return .refused(-2)
        }
    }

    private func read(_ vault: Vault, _ freshness: Freshness) throws -> Finding {
        try OpenVaults.add(vault)
        defer { OpenVaults.remove(vault) }
        var handle: OpaquePointer?
        defer {
            // A fenced store is closed without a copy back.
            vault.fence("only a look")
            sqlite3_close(handle)
        }
        let code = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, nil)
        guard code == SQLITE_OK else { return .refused(code) }
        sqlite3_extended_result_codes(handle, 1)
        let start = texts(handle, "SELECT count(*) FROM sqlite_schema")
        guard case .names = start else { return start }
        try freshness.judgeRecovered()
        let check = texts(handle, "PRAGMA integrity_check")
        // A page that does not open is reported as text, not as a fault.
        guard check == .names(["ok"]) else { return .refused(-3) }
        return texts(
            handle,
            """
            SELECT name || ' ' || amount || ' ' || length(filling)
            FROM thing ORDER BY id
            """)
    }

    private func texts(_ handle: OpaquePointer?, _ sql: String) -> Finding {
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        var code = sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
        var rows: [String] = []
        while code == SQLITE_OK || code == SQLITE_ROW {
            code = sqlite3_step(statement)
            guard code == SQLITE_ROW, let value = sqlite3_column_text(statement, 0) else { break }
            rows.append(String(cString: value))
        }
        return code == SQLITE_DONE ? .names(rows) : .refused(code)
    }
}
