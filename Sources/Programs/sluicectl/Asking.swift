// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import ArgumentParser
import Glibc

/// Questions to the person at the keyboard, or to whatever feeds our standard input.
enum Asking {
    /// Characters of an answer at most.
    private static let most = 1024

    /// One line, without its end.
    ///
    /// - Parameter hidden: what is typed does not appear on the screen.
    static func line(_ prompt: String, hidden: Bool) throws -> String {
        // What was printed before must be read before it is asked about.
        fflush(nil)
        var before = termios()
        let hides = hidden && isatty(0) == 1 && tcgetattr(0, &before) == 0
        if hides {
            var silent = before
            silent.c_lflag &= ~tcflag_t(ECHO)
            tcsetattr(0, TCSANOW, &silent)
        }
        // Whoever types as soon as the question appears is not shown either.
        _ = prompt.withCString { write(2, $0, strlen($0)) }
        defer {
            if hides {
                tcsetattr(0, TCSANOW, &before)
                _ = "\n".withCString { write(2, $0, 1) }
            }
        }
        guard let line = readLine(), line.utf8.count <= most else {
            complain("An answer was expected.")
            throw ExitCode(1)
        }
        return line
    }
}
