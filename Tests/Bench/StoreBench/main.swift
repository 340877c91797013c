// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS
import Foundation
import Kernel
import SealedStore

// Durable commits through the sealed store, beside plain SQLite with the same tables, the same
// settings and the same way to commit in groups, in one interleaved run.
//
// Arguments: seconds for each measurement (default 2), rounds (default 3); or `memory`, which
// writes a million movements through the sealed store alone and prints what the process holds.

let words = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let seconds = words.first ?? 2
let rounds = words.dropFirst().first ?? 3
let base = NSTemporaryDirectory() + "sluice-bench-" + UUID().uuidString
try FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(atPath: base) }

let sealed = try SealedSide(folder: base + "/sealed")
if CommandLine.arguments.dropFirst().first == "memory" {
    try growToAMillion(sealed)
    exit(0)
}
let plain = try PlainSide(path: base + "/plain.db")
print("submitters  sealed/s  plain/s  ratio  CPU ratio  sealed p50/p99 ms  plain p50/p99 ms")
for submitters in [1, 8, 64, 256] {
    var results: (sealed: [Measured], plain: [Measured]) = ([], [])
    for _ in 0..<rounds {
        results.sealed.append(measure(submitters, seconds) { try sealed.scan($0) })
        results.plain.append(measure(submitters, seconds) { try plain.scan($0) })
    }
    let a = median(results.sealed)
    let b = median(results.plain)
    print(
        pad("\(submitters)", 10), pad("\(Int(a.rate))", 9), pad("\(Int(b.rate))", 8),
        pad(two(a.rate / b.rate), 6), pad(two(a.cpu / b.cpu), 10),
        pad("\(two(a.p50))/\(two(a.p99))", 18), pad("\(two(b.p50))/\(two(b.p99))", 17))
}
print("\none statement, microseconds: \(try statementCosts(sealed, plain))")
print("full scan CPU ratio: \(two(try scanRatio(sealed, plain)))")
print("health: \(sealed.store.health)")
print("resident: \(residentMiB()) MiB")
sealed.store.close()
