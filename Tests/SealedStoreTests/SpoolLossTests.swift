// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Testing

@testable import SealedStore

/// A spool that is gone, and how commits are numbered after it.
@Suite(.serialized) struct SpoolLossTests {
    private func numbers(_ index: BackupIndex) -> [Int64] {
        index.packs.flatMap { Array($0.commitBefore + 1..<$0.commit + 1) }
    }

    /// Books with a backup, closed, and how many commits were numbered.
    private func filled() throws -> (backed: BackedUp, commit: Int64) {
        let backed = try BackedUp()
        let store = try backed.open()
        defer { store.close() }
        try backed.takeSnapshot(store)
        for _ in 0..<12 { try backed.change(store) }
        try backed.ship(store)
        return (backed, store.spoolStatus.commit)
    }

    @Test func `after the spool is lost no commit gets a number that another one has`() throws {
        let (backed, before) = try filled()
        try FileManager.default.removeItem(atPath: backed.room.spool)
        let store = try backed.room.open(spool: true)
        defer { store.close() }
        try store.beginCapture(after: backed.index.commitMost)
        for _ in 0..<7 { try backed.change(store) }
        try backed.takeSnapshot(store)
        let commit = try backed.look(store)
        try backed.ship(store)
        #expect(commit > before)
        let all = numbers(backed.index)
        #expect(Set(all).count == all.count)
        #expect(try backed.restore(.commit(commit)).looks == backed.looks[commit])
    }

    @Test func `a newest segment that is rubbish costs the chain and no number`() throws {
        let (backed, before) = try filled()
        let folder = URL(fileURLWithPath: backed.room.spool)
        let newest = try #require(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).max())
        try Data("rubbish".utf8).write(to: folder.appendingPathComponent(newest))
        let store = try backed.room.open(spool: true)
        defer { store.close() }
        // Captured before anybody knows what the target holds, with numbers that are given.
        for _ in 0..<5 { try backed.change(store) }
        try store.captureNow()
        #expect(store.spoolStatus.commit < before)
        try store.beginCapture(after: backed.index.commitMost)
        #expect(store.spoolStatus.gap != nil)
        try backed.takeSnapshot(store)
        for _ in 0..<5 { try backed.change(store) }
        let commit = try backed.look(store)
        try backed.ship(store)
        let all = numbers(backed.index)
        #expect(Set(all).count == all.count && commit > before)
        #expect(try backed.restore(.commit(commit)).looks == backed.looks[commit])
    }

    @Test(arguments: [0, -1, Int64.max, Int64.min, 1 << 57])
    func `a highest number that is lower, or none that a box reaches, changes nothing`(
        _ most: Int64
    ) throws {
        let (backed, before) = try filled()
        let store = try backed.room.open(spool: true)
        defer { store.close() }
        try store.beginCapture(after: most)
        try store.captureNow()
        #expect(store.spoolStatus.gap == nil && store.spoolStatus.commit >= before)
        #expect(store.spoolStatus.commit < before + 10)
    }

    @Test func `a spool folder that is removed while all runs is made again`() throws {
        let backed = try BackedUp()
        let store = try backed.open()
        defer { store.close() }
        try backed.takeSnapshot(store)
        for _ in 0..<5 { try backed.change(store) }
        try store.captureNow()
        try FileManager.default.removeItem(atPath: backed.room.spool)
        for _ in 0..<5 { try backed.change(store) }
        try store.captureNow()
        #expect(store.spoolStatus.fault == nil && store.spoolStatus.gap != nil)
        try backed.takeSnapshot(store)
        for _ in 0..<5 { try backed.change(store) }
        let commit = try backed.look(store)
        try backed.ship(store)
        #expect(try backed.restore(.commit(commit)).looks == backed.looks[commit])
    }

    @Test func `segments that somebody removed cost the chain, and the next snapshot heals it`()
        throws
    {
        let backed = try BackedUp()
        let store = try backed.open()
        defer { store.close() }
        try backed.takeSnapshot(store)
        for _ in 0..<5 { try backed.change(store) }
        try store.captureNow()
        // Settled, so that their names are not those of drafts.
        _ = try #require(store.spool).settledNames()
        for name in try FileManager.default.contentsOfDirectory(atPath: backed.room.spool) {
            try FileManager.default.removeItem(atPath: "\(backed.room.spool)/\(name)")
        }
        for _ in 0..<5 { try backed.change(store) }
        #expect(throws: BackupFault.interrupted) { try backed.takeSnapshot(store) }
        try backed.takeSnapshot(store)
        let commit = try backed.look(store)
        try backed.ship(store)
        #expect(try backed.restore(.commit(commit)).looks == backed.looks[commit])
    }

    @Test func `a disk without room for a copy is found before it is filled`() throws {
        let room = try Room()
        let place = room.folder + ".room"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: place) }
        try Disk.requireRoom(for: 1, at: place)
        do {
            try Disk.requireRoom(for: .max, at: place)
            Issue.record("there was room for everything")
        } catch BackupFault.noRoom(let path, let needed, let free) {
            #expect(path == place && needed == .max && free > 0)
        }
    }
}
