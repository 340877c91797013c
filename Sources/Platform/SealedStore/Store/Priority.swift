// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc

/// How much work in the background gives way to whoever is answered.
///
/// Each is a nice value of one thread, which Linux weighs against the other threads of this program,
/// and from which it takes the thread's place at the disk. Source: setpriority(2), "C library/kernel
/// differences"; sched(7), "The autogroup feature": between sessions it counts for little, and there
/// the unit's own weight counts. A thread that gave way cannot take it back.
enum Priority: Int32 {
    /// Captures commits: after the writer, and before the copier, since the log waits for it.
    case spool = 5
    /// Copies the log back.
    case copier = 10
    /// Restores and compares at night.
    case drill = 15

    /// Lets the calling thread give way. False where the system forbids it; then it does its work as
    /// any other thread, which is slower for others and right all the same.
    @discardableResult
    func take() -> Bool { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, rawValue) == 0 }
}
