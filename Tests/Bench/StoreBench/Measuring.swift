// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Synchronization

struct Measured {
    let rate: Double
    /// Microseconds of processor time for each commit.
    let cpu: Double
    let p50: Double
    let p99: Double
}

/// Runs `work` on `threads` threads for `seconds`, one answer after the other on each.
func measure(
    _ threads: Int, _ seconds: Int, _ work: @escaping @Sendable (UInt64) throws -> Void
) -> Measured {
    let end = DispatchTime.now().uptimeNanoseconds + UInt64(seconds) * 1_000_000_000
    let all = Mutex<[UInt64]>([])
    let group = DispatchGroup()
    let cpuBefore = processorMicroseconds()
    let start = DispatchTime.now().uptimeNanoseconds
    for thread in 0..<threads {
        group.enter()
        Thread {
            var times: [UInt64] = []
            var number = UInt64(thread) << 40
            var before = DispatchTime.now().uptimeNanoseconds
            while before < end {
                number += 1
                do { try work(number) } catch { print("failed: \(error)") }
                let now = DispatchTime.now().uptimeNanoseconds
                times.append(now - before)
                before = now
            }
            all.withLock { $0 += times }
            group.leave()
        }.start()
    }
    group.wait()
    let took = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    let cpu = processorMicroseconds() - cpuBefore
    let times = all.withLock { $0.sorted() }
    return Measured(
        rate: Double(times.count) / took, cpu: cpu / Double(times.count),
        p50: Double(times[times.count / 2]) / 1e6, p99: Double(times[times.count * 99 / 100]) / 1e6)
}

func median(_ results: [Measured]) -> Measured {
    results.sorted { $0.rate < $1.rate }[results.count / 2]
}

func processorMicroseconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
    return Double(seconds) * 1e6 + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
}

func residentMiB() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 200)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let words = String(
        decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self
    )
    .split(separator: " ")
    return words.count > 1 ? (Int(words[1]) ?? 0) * 4096 / (1 << 20) : 0
}

func two(_ value: Double) -> String { String(format: "%.2f", value) }

func pad(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
}
