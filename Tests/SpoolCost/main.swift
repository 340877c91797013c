// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import SealedStore
import Synchronization

// What continuous capture costs those who commit: the same commits with and without it, in turns,
// and the time of a restore with its integrity check.
//
// Arguments: seconds for each turn (default 4), rounds (default 5), MiB for the restore (default
// 256; 0 leaves it out). Run it in release: swift run -c release spool-cost.

let words = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let seconds = words.first ?? 4
let rounds = words.dropFirst().first ?? 5
let mebibytes = words.dropFirst(2).first ?? 256
let base = NSTemporaryDirectory() + "sluice-cost-" + UUID().uuidString
try FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(atPath: base) }

let schema = RoomSchema(
    room: "scan", prefix: "scan",
    migrations: [
        Migration(
            1, "scans",
            """
            CREATE TABLE scan_movement (
                id INTEGER PRIMARY KEY, uuid BLOB NOT NULL UNIQUE, item INTEGER NOT NULL,
                at_us INTEGER NOT NULL
            ) STRICT;
            CREATE TABLE scan_level (item INTEGER PRIMARY KEY, amount INTEGER NOT NULL) STRICT;
            CREATE TABLE scan_filling (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
            """)
    ])
let clock: @Sendable () -> Instant = {
    Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1e6))
}

func open(_ name: String, _ key: RootKey) throws -> SealedStore {
    try SealedStore.open(
        folder: "\(base)/\(name)", key: key, schemas: [schema], clock: clock,
        backup: BackupPlan(spool: "\(base)/\(name).spool", keyFile: ""))
}

/// Commits of `submitters` threads for some seconds: rate, and latencies in milliseconds.
func measure(_ store: SealedStore, _ submitters: Int) -> (rate: Double, p50: Double, p99: Double) {
    let latencies = Mutex<[Double]>([])
    let end = ContinuousClock.now + .seconds(seconds)
    let group = DispatchGroup()
    for _ in 0..<submitters {
        group.enter()
        Thread {
            var own: [Double] = []
            while ContinuousClock.now < end {
                let begun = ContinuousClock.now
                let id = withUnsafeBytes(of: UUID().uuid) { Array($0) }
                let item = Int64.random(in: 0..<16_384)
                try? store.write { tx in
                    try tx.run(
                        "INSERT INTO scan_movement (uuid, item, at_us) VALUES (?, ?, ?)",
                        [id, item, tx.now])
                    try tx.run(
                        """
                        INSERT INTO scan_level (item, amount) VALUES (?, 1)
                        ON CONFLICT (item) DO UPDATE SET amount = amount + 1
                        """, [item])
                    tx.markTold()
                }
                let took = begun.duration(to: .now).components
                own.append(Double(took.seconds) * 1e3 + Double(took.attoseconds) / 1e15)
            }
            latencies.withLock { $0 += own }
            group.leave()
        }.start()
    }
    group.wait()
    let sorted = latencies.withLock { $0 }.sorted()
    return (
        Double(sorted.count) / Double(seconds), sorted[sorted.count / 2],
        sorted[sorted.count * 99 / 100]
    )
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
func two(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }

let key = try RootKey.random()
let (with, without) = (try open("with", key), try open("without", key))
try with.beginCapture()
print("submitters  captured/s  alone/s  ratio  captured p50/p99 ms  alone p50/p99 ms")
for submitters in [1, 8, 64] {
    var (a, b): ([(Double, Double, Double)], [(Double, Double, Double)]) = ([], [])
    for _ in 0..<rounds {
        a.append(measure(with, submitters))
        b.append(measure(without, submitters))
    }
    let (x, y) = (median(a.map(\.0)), median(b.map(\.0)))
    print(
        submitters, Int(x), Int(y), two(x / y),
        "\(two(median(a.map(\.1))))/\(two(median(a.map(\.2))))",
        "\(two(median(b.map(\.1))))/\(two(median(b.map(\.2))))")
}
print("gap: \(with.spoolStatus.gap.map { "\($0)" } ?? "none")")
with.close()
without.close()
if mebibytes > 0 { try measureRestore() }

/// Fills a store, takes a snapshot under load, and restores it.
func measureRestore() throws {
    let store = try open("large", key)
    try store.beginCapture()
    for _ in 0..<mebibytes {
        let bytes = (0..<16).map { _ in
            (0..<65_000).map { _ in UInt8.random(in: 0...255) }
        }
        try store.write { tx in
            for one in bytes { try tx.run("INSERT INTO scan_filling (bytes) VALUES (?)", [one]) }
            tx.markTold()
        }
    }
    let target = try FolderTarget(base)
    let begun = ContinuousClock.now
    let snapshot = try store.takeSnapshot(SnapshotNotes(), keep: target.put)
    print("snapshot of \(snapshot.bytes >> 20) MiB: \(begun.duration(to: .now))")
    try store.captureNow()
    let index = try store.ship(to: target, BackupIndex(), snapshot: snapshot).index
    store.close()
    let start = ContinuousClock.now
    let restorer = Restorer(target, seal: try BackupSeal(key))
    let plan = try RestorePlan(index, .latest)
    let commit = try restorer.check(plan)
    _ = try restorer.build(plan, commit: commit, in: base + "/back", commitMost: commit)
    let built = ContinuousClock.now
    let copy = try SealedStore.open(
        folder: base + "/back", key: key, schemas: [schema], clock: clock)
    let faults = try copy.integrityCheck()
    copy.close()
    print(
        "restore: \(start.duration(to: built)) to make, \(start.duration(to: .now)) with the "
            + "integrity check, \(faults.count) faults")
}
