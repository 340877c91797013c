// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc
import TestKit
import Testing

extension Journeys.DumpTests {
    /// Runs a command with core dumps allowed, aborts it once it is ready, and tells whether the
    /// kernel wrote a core: the bit 0x80 of the status that wait(2) gives.
    private func dumps(
        _ command: [String], in folder: String, when isReady: () throws -> Bool
    ) throws -> Bool {
        // Swift's own crash handler may hang, and is off in the unit, too.
        let script =
            "cd '\(folder)'; export SWIFT_BACKTRACE=enable=no; ulimit -c unlimited; exec \"$0\" \"$@\""
        let words = ["/bin/sh", "-c", script] + command
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        // A thread of a pool blocks signals, and a child would go on doing so.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var child = pid_t()
        #expect(posix_spawn(&child, "/bin/sh", nil, &attributes, &arguments, environ) == 0)
        let isUp = try comes(within: 30, isReady)
        #expect(isUp)
        kill(child, SIGABRT)
        var status: Int32 = 0
        let hasEnded = comes(within: 30) { waitpid(child, &status, WNOHANG) == child }
        guard hasEnded else {
            kill(child, SIGKILL)
            waitpid(child, &status, 0)
            Issue.record("it did not end")
            return false
        }
        #expect(status & 0x7f == SIGABRT)
        return status & 0x80 != 0
    }

    @Test func `a daemon that crashes leaves no core, where another program does`() throws {
        let folder = try TestFolder()
        let mark = folder.path + "/ready"
        let control = try dumps(
            ["/bin/sh", "-c", "touch '\(mark)'; while :; do sleep 1; done"], in: folder.path
        ) { FileManager.default.fileExists(atPath: mark) }
        let data = folder.path + "/box"
        let daemon = [
            try Programs.url("sluiced").path, "--data", data, "--listen", "127.0.0.1:0", "--www",
            try Programs.www(),
        ]
        let core = try dumps(daemon, in: folder.path) {
            (try? Line(.socket("\(data)/control.sock")).ask("GET", "/health/ready"))?.status == 200
        }
        #expect(!core)
        // Where the system writes no cores at all, the control says so.
        if !control { print("core dumps are off on this machine; only half of the test counts") }
    }
}
