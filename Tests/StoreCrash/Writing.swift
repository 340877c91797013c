// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import SealedStore

/// Goes on from the highest number of `thread`, one acknowledged number after the other.
func writeNumbers(_ store: SealedStore, _ thread: Int64, timed: Bool) {
    do {
        var number = try store.read {
            try $0.integer("SELECT max(number) FROM crash_number WHERE thread = ?", [thread]) ?? 0
        }
        while true {
            number += 1
            let next = number
            let filling = [UInt8](
                repeating: UInt8(truncatingIfNeeded: next), count: 200 + Int(next % 700))
            do {
                try store.write { tx in
                    try tx.run(
                        "INSERT INTO crash_number (thread, number, filling) VALUES (?, ?, ?)",
                        [thread, next, filling])
                    try tx.run(
                        """
                        INSERT INTO crash_total (thread, numbers) VALUES (?, 1)
                        ON CONFLICT (thread) DO UPDATE SET numbers = numbers + 1
                        """, [thread])
                    tx.markTold()
                    if next % 7 == 3 { throw Refused() }
                }
            } catch is Refused {
                continue
            }
            say(timed ? "\(thread) \(next) \(microseconds())" : "\(thread) \(next)")
        }
    } catch {
        FileHandle.standardError.write(Data("\(error)\n".utf8))
        exit(1)
    }
}

/// Now, since 1970.
func microseconds() -> Int64 { Int64(Date().timeIntervalSince1970 * 1_000_000) }

struct Refused: Error {}

/// One line to the pipe, in one write.
func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}
