// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Testing

@testable import SealedStore

/// Packs of past hours are listed apart from the index, so that the index stays small.
@Suite struct PackListTests {
    private static let start: Int64 = 1_790_000_000_000_000
    private let room: Room
    private let place: String
    private let target: FolderTarget
    private let seal: BackupSeal

    init() throws {
        room = try Room()
        place = room.folder + ".lists"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        target = try FolderTarget(place)
        seal = try BackupSeal(room.key)
    }

    private func pack(_ number: Int64, _ chain: ChainID, seconds: Int64) -> BackupIndex.Pack {
        let at = Instant(microseconds: Self.start + seconds * 1_000_000)
        return BackupIndex.Pack(
            chain: chain, first: number, last: number, commitBefore: number * 3 - 3,
            commit: number * 3, from: at, until: at, size: 1000,
            hash: BackupSeal.hash(Array("\(chain) \(number)".utf8)[...]))
    }

    /// Packs every 45 seconds.
    private func packs(_ count: Int64, seconds: Int64 = 45) throws -> [BackupIndex.Pack] {
        let chain = try #require(ChainID("0006500f1a2b3c4d01020304"))
        return (1...count).map { pack($0, chain, seconds: $0 * seconds) }
    }

    /// Writes an index as a shipment does. Returns the bytes that went to the target.
    private func write(_ index: inout BackupIndex, after lists: [PackList]) throws -> Int {
        let known = Set(lists.map(\.name))
        var count = 0
        for list in try index.fold(seal) where !known.contains(list.name) {
            try target.put(list.name, list.bytes)
            count += list.bytes.count
        }
        let bytes = try index.sealed(seal)
        try target.put(BackupIndex.name, bytes)
        return count + bytes.count
    }

    @Test func `packs are cut by chain, hour and number, and what stays makes the same lists`()
        throws
    {
        var random = SeededRandom()
        let chains = try ["0006500f1a2b3c4d01020304", "0006500f1a2b3c4d0a0b0c0d"].map {
            try #require(ChainID($0))
        }
        for _ in 0..<50 {
            var packs: [BackupIndex.Pack] = []
            var second: Int64 = 0
            for number in 1...Int64.random(in: 1...900, using: &random) {
                // Now and then the clock goes back.
                second += Int64.random(in: -300...900, using: &random)
                let chain = chains[number % 300 < 200 ? 0 : 1]
                packs.append(pack(number, chain, seconds: max(0, second)))
            }
            let stretches = PackList.stretches(of: packs)
            #expect(stretches.flatMap { $0 } == packs, "seed \(random.seed)")
            for stretch in stretches {
                #expect((1...PackList.packsMost).contains(stretch.count))
                #expect(Set(stretch.map(\.chain)).count == 1, "seed \(random.seed)")
                let hours = stretch.map { $0.from.microseconds / 3_600_000_000 }
                #expect(Set(hours).count == 1, "seed \(random.seed)")
            }
            // Retention takes whole hours from the front.
            let gone = stretches.prefix(stretches.count / 2).reduce(0) { $0 + $1.count }
            let rest = PackList.stretches(of: Array(packs.dropFirst(gone)))
            #expect(
                rest.map { Array($0) } == stretches.dropFirst(stretches.count / 2).map { Array($0) }
            )
        }
        #expect(PackList.stretches(of: []).isEmpty)
        let full = try self.packs(600, seconds: 0)
        #expect(PackList.stretches(of: full).map(\.count) == [256, 256, 88])
    }

    @Test func `a day of shipments writes a twentieth of what whole lists would be`() throws {
        var index = BackupIndex()
        var (written, whole) = (0, 0)
        for pack in try packs(1920) {
            let lists = index.lists
            index.packs.append(pack)
            index.edition += 1
            written += try write(&index, after: lists)
            // What it was: all packs in the index, each time.
            whole += index.packs.count * (try PackList.make(index.packs.suffix(1), seal).count - 80)
            // One look an hour would do; every read is of the whole.
            guard index.edition % 160 == 0 else { continue }
            #expect(try BackupIndex(of: target, seal: seal) == index)
        }
        print("a day: \(written >> 20) MiB written, \(whole >> 20) MiB without lists")
        #expect(written * 15 < whole)
        #expect(try BackupIndex(of: target, seal: seal)?.packs == packs(1920))
    }

    @Test func `each list that is missing, changed, exchanged or cut is noticed`() throws {
        var index = BackupIndex()
        index.packs = try packs(400)
        index.edition = 1
        _ = try write(&index, after: [])
        #expect(index.lists.count >= 4)
        #expect(try BackupIndex(of: target, seal: seal) == index)
        for (number, list) in index.lists.enumerated() {
            let path = "\(place)/\(list.name)"
            let whole = try bytes(of: path)
            let other = index.lists[(number + 1) % index.lists.count]
            var flipped = whole
            flipped[whole.count / 2] ^= 2
            for bad in [
                flipped, Array(whole.dropLast()), whole + [0], [],
                try bytes(of: "\(place)/\(other.name)"),
            ] {
                try SealedStoreTests.write(bad, to: path)
                #expect(throws: BackupFault.altered(list.name)) {
                    try BackupIndex(of: target, seal: seal)
                }
            }
            try FileManager.default.removeItem(atPath: path)
            #expect(throws: BackupFault.missing(list.name)) {
                try BackupIndex(of: target, seal: seal)
            }
            // Whoever knows its packs does not fetch it again.
            #expect(try BackupIndex(of: target, seal: seal, known: index) == index)
            try SealedStoreTests.write(whole, to: path)
        }
    }

    @Test func `an index that lists a list twice, or of another number, is refused`() throws {
        var index = BackupIndex()
        index.packs = try packs(200)
        index.edition = 1
        _ = try write(&index, after: [])
        let bytes = try index.sealed(seal)
        #expect(throws: BackupFault.altered(index.lists[0].name)) {
            try BackupIndex(bytes, seal: seal) { _ in Array(index.packs.prefix(3)) }
        }
    }

    @Test(arguments: [1, 2]) func `an index of an older format is refused by its number`(
        _ format: UInt8
    ) throws {
        var index = BackupIndex()
        index.edition = 1
        _ = try write(&index, after: [])
        var bytes = try bytes(of: "\(place)/index")
        bytes[9] = format
        try SealedStoreTests.write(bytes, to: "\(place)/index")
        #expect(throws: BackupFault.older("index", format: Int(format))) {
            try BackupIndex(of: target, seal: seal)
        }
    }

    @Test(arguments: [
        ("lists/" + String(repeating: "0a", count: 32), true),
        ("lists/" + String(repeating: "0A", count: 32), false),
        ("lists/" + String(repeating: "0a", count: 31), false), ("lists/shopping.txt", false),
        ("lists/" + String(repeating: "0a", count: 32) + "/x", false),
    ])
    func `only names of exactly our form are ours`(_ name: String, _ isOurs: Bool) {
        #expect(BackupObject.isOurs(name) == isOurs)
    }
}
