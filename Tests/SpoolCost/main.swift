// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc
import Kernel
import SealedStore
import Synchronization

// What continuous capture costs those who commit: the same commits with and without it, in turns,
// and the time of a restore with its integrity check.
//
// Each round does both, now the one first and now the other. Rates and latencies are medians over
// the rounds; the ratios are medians of the rounds' own ratios, so that a machine which is busy for
// a while does not speak for either. Processor time per commit, of all threads, says the same and
// hardly depends on what else the machine does.
//
// Arguments: seconds for each turn (default 4), rounds (default 5), MiB for the restore (default
// 256; 0 leaves it out), and where the spool lies (default: beside the store, on the same disk).
// Run it in release: swift run -c release spool-cost.

let words = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let seconds = words.first ?? 4
let rounds = words.dropFirst().first ?? 5
let mebibytes = words.dropFirst(2).first ?? 256
let elsewhere = CommandLine.arguments.dropFirst(4).first
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
        backup: BackupPlan(spool: "\(elsewhere ?? base)/\(name).spool", keyFile: ""))
}

/// What one turn showed: commits a second, latencies in milliseconds, and processor time for each
/// commit in microseconds.
struct Turn {
    let rate: Double
    let p50: Double
    let p99: Double
    let processor: Double
}

/// Processor time of this process so far, in microseconds.
func processorTime() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return [usage.ru_utime, usage.ru_stime].reduce(0) {
        $0 + Double($1.tv_sec) * 1e6 + Double($1.tv_usec)
    }
}

/// Commits of `submitters` threads for some seconds.
func measure(_ store: SealedStore, _ submitters: Int) -> Turn {
    let before = processorTime()
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
    return Turn(
        rate: Double(sorted.count) / Double(seconds), p50: sorted[sorted.count / 2],
        p99: sorted[sorted.count * 99 / 100],
        processor: (processorTime() - before) / Double(sorted.count))
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
/// Medians of both sides, and of what the one is of the other.
func both(
    _ pairs: [(captured: Turn, alone: Turn)], _ value: KeyPath<Turn, Double>
) -> (captured: Double, alone: Double, ratio: Double) {
    (
        median(pairs.map { $0.captured[keyPath: value] }),
        median(pairs.map { $0.alone[keyPath: value] }),
        median(pairs.map { $0.captured[keyPath: value] / $0.alone[keyPath: value] })
    )
}
func two(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }

let key = try RootKey.random()
let (with, without) = (try open("with", key), try open("without", key))
try with.beginCapture()
print(
    "submitters   captured/s alone/s ratio   us/commit of processor: both, ratio   p99 ms: both, more"
)
for submitters in [1, 8, 64] {
    var pairs: [(captured: Turn, alone: Turn)] = []
    for round in 0..<rounds {
        let first = measure(round % 2 == 0 ? with : without, submitters)
        let second = measure(round % 2 == 0 ? without : with, submitters)
        pairs.append(round % 2 == 0 ? (first, second) : (second, first))
    }
    let (rate, processor, p99) = (
        both(pairs, \.rate), both(pairs, \.processor), both(pairs, \.p99)
    )
    let more = median(pairs.map { $0.captured.p99 - $0.alone.p99 })
    print(
        submitters, "  ", Int(rate.captured), Int(rate.alone), two(rate.ratio), "  ",
        two(processor.captured), two(processor.alone), two(processor.ratio), "  ",
        two(p99.captured), two(p99.alone), two(more))
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
