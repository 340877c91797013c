// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc
import Synchronization

/// Why the courier ends.
enum End: Sendable {
    case asked
    /// Another courier took over.
    case replaced
}

private let isReplaced = Atomic<Bool>(false)

private func endingSignals() -> sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGTERM, SIGINT] { sigaddset(&signals, signal) }
    return signals
}

/// Keeps the signals back for `waitForSignal`. Call before any thread is started.
func holdSignals() {
    var signals = endingSignals()
    pthread_sigmask(SIG_BLOCK, &signals, nil)
}

/// Waits until the courier is asked to end.
func waitForSignal() -> End {
    var signals = endingSignals()
    var signal: Int32 = 0
    while sigwait(&signals, &signal) != 0 {}
    return isReplaced.load(ordering: .acquiring) ? .replaced : .asked
}

/// Ends the wait because another courier took over. From any thread.
func endReplaced() {
    isReplaced.store(true, ordering: .releasing)
    kill(getpid(), SIGTERM)
}

/// Writes one line to standard error, for whoever looks after the box. Control characters are made
/// visible, so that no value can forge a line.
func say(_ message: String) {
    var line = ""
    for scalar in message.unicodeScalars {
        if scalar.value < 0x20 || scalar.value == 0x7f {
            line += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
            line.unicodeScalars.append(scalar)
        }
    }
    write(Array((line + "\n").utf8), to: 2)
}
