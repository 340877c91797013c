// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc

/// Lines for whoever looks after the box: to standard error, where the journal picks them up.
package enum Log {
    /// Priorities of syslog, as systemd reads them from the front of a line (sd-daemon(3)).
    package enum Level: Int, Sendable {
        case error = 3
        case warning = 4
        case notice = 5
        case info = 6
    }

    /// Whether systemd reads our lines; a terminal needs no priorities.
    private static let isUnderSystemd = getenv("JOURNAL_STREAM") != nil

    /// Writes one line. Control characters are made visible, so that no value can forge a line.
    package static func write(_ level: Level, _ message: String) {
        var line = isUnderSystemd ? "<\(level.rawValue)>" : ""
        for scalar in message.unicodeScalars {
            if scalar.value < 0x20 || scalar.value == 0x7f {
                line += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                line.unicodeScalars.append(scalar)
            }
        }
        line += "\n"
        _ = line.withCString { Glibc.write(2, $0, strlen($0)) }
    }
}
