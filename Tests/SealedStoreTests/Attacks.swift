// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Testing

@testable import SealedStore

extension Room {
    /// The bytes of all files that make up a store; nil for one that is not there.
    struct Files {
        var main: [UInt8]
        var log: [UInt8]?
        var tags: [UInt8]?
        var ledger: [UInt8]?
    }

    func files() throws -> Files {
        func found(_ path: String) throws -> [UInt8]? {
            FileManager.default.fileExists(atPath: path) ? try bytes(of: path) : nil
        }
        return Files(
            main: try bytes(of: main), log: try found(log), tags: try found(tags),
            ledger: try found(ledger))
    }

    func put(_ files: Files) throws {
        try write(files.main, to: main)
        for (bytes, path) in [(files.log, log), (files.tags, tags), (files.ledger, ledger)] {
            try? FileManager.default.removeItem(atPath: path)
            if let bytes { try write(bytes, to: path) }
        }
    }

    /// Opens the store and reads all of it. Returns what was noticed; nil when nothing was.
    func noticed() throws -> StoreFault? {
        do {
            let store = try open()
            defer { store.close() }
            _ = try store.read {
                try $0.all("SELECT name, amount, filling FROM thing") { $0.text(0) }
            }
            #expect(try store.integrityCheck() == [])
            return nil
        } catch let fault as StoreFault {
            return fault
        }
    }

    /// A store of some forty pages that was closed, changed, and closed again.
    ///
    /// - Returns: its files after the first time and after the second.
    func aged() throws -> (older: Files, newer: Files) {
        var store = try open()
        for index in 0..<40 {
            try store.add("thing \(index)", filling: [UInt8](repeating: 3, count: 3_000))
        }
        store.close()
        let older = try files()
        store = try open()
        try store.grow("UPDATE thing SET amount = amount + 1")
        store.close()
        return (older, try files())
    }
}

extension SealedStore {
    /// Changes many rows in one commit.
    func grow(_ sql: String) throws {
        try write { tx in
            tx.markTold()
            try tx.run(sql)
        }
    }

    /// Has the ledger's note written that the keeper would write within a second.
    func noteNow() throws { try vault.freshness?.note(.state) }

    /// Copies the whole log back and leaves it as it is.
    func copyBack() throws {
        let fault = try onWriter("PRAGMA wal_checkpoint(PASSIVE)")
        #expect(fault == nil)
    }
}

func page(_ number: Int) -> Range<Int> { (number - 1) * 4096..<number * 4096 }

func frame(_ number: Int) -> Range<Int> { 32 + (number - 1) * 4120..<32 + number * 4120 }
