// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSystemd
import Glibc
import Synchronization

/// The daemon's line to whoever started it: signals in, readiness and pulse out.
///
/// The main thread waits here. A pulse is sent only after a trip through the writer and the sealed
/// store, so the watchdog restarts a box that runs but does not work.
package enum Lifeline {
    /// Why the wait ended.
    package enum End: Sendable, Equatable {
        /// SIGTERM or SIGINT.
        case asked
        /// The store takes no more writes; a restart recovers.
        case fenced
    }

    private static let fenced = Atomic<Bool>(false)

    /// Blocks the signals that `wait` takes. Call before any thread is started.
    package static func holdSignals() {
        var signals = heldSignals()
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    private static func heldSignals() -> sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&signals, signal) }
        return signals
    }

    /// Bounds the heaps of the C library, before any thread starts: a heap for each thread holds on to
    /// what one import once needed. Source: mallopt(3).
    package static func boundHeaps() { sluice_bound_heaps(heapsMost) }

    private static let heapsMost: Int32 = 4

    /// Keeps the memory of this process, with its keys, out of core dumps and debuggers. Call before
    /// keys are opened. Source: PR_SET_DUMPABLE in prctl(2).
    package static func forbidDumps() {
        if sluice_forbid_dumps() != 0 {
            Log.write(.warning, "core dumps could not be forbidden (\(errno))")
        }
    }

    /// Ends `wait` because the store is fenced. From any thread.
    package static func cut() {
        fenced.store(true, ordering: .releasing)
        kill(getpid(), SIGTERM)
    }

    /// Waits for a signal to stop, sending a pulse at half the watchdog's period meanwhile.
    ///
    /// - Parameter reload: called at SIGHUP.
    package static func wait(pulse: () -> Bool, reload: () -> Void = {}) -> End {
        tell("READY=1\nSTATUS=Serving")
        var period: UInt64 = 0
        let isWatched = sd_watchdog_enabled(0, &period) > 0
        // Without a watchdog the pulse is still taken now and then, to note a store that hangs.
        let seconds = isWatched ? max(1, Int(period / 2_000_000)) : 60
        var signals = heldSignals()
        while true {
            var time = timespec(tv_sec: seconds, tv_nsec: 0)
            switch sigtimedwait(&signals, nil, &time) {
            case SIGTERM, SIGINT:
                tell("STOPPING=1")
                return fenced.load(ordering: .acquiring) ? .fenced : .asked
            case SIGHUP:
                reload()
            default:
                if pulse() { tell("WATCHDOG=1") }
            }
        }
    }

    private static func tell(_ state: String) { _ = sd_notify(0, state) }
}
