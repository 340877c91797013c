// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc
import TestKit
import Testing

@testable import SealedStore

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

    @Test func `a command that asks for the recovery key leaves no core`() throws {
        let folder = try TestFolder()
        let shelf = folder.path + "/shelf"
        try FileManager.default.createDirectory(atPath: shelf, withIntermediateDirectories: true)
        _ = try KeyFile.create(
            at: shelf + "/keys", slot: .recovery(try KeyFile.newRecoveryText()))
        let (pipe, said) = (folder.path + "/pipe", folder.path + "/said")
        #expect(mkfifo(pipe, 0o600) == 0)
        let hold = open(pipe, O_RDWR | O_CLOEXEC)
        defer { close(hold) }
        let script = "exec \"$0\" \"$@\" <'\(pipe)' 2>'\(said)'"
        let core = try dumps(
            ["/bin/sh", "-c", script, try Programs.url("sluicectl").path, "restore"]
                + ["--from", shelf, "--data", folder.path + "/box"], in: folder.path
        ) {
            FileManager.default.contents(atPath: said).map {
                String(decoding: $0, as: UTF8.self).contains("Recovery key")
            } ?? false
        }
        #expect(!core)
    }

    @Test func `a recovery key that is typed for a restore does not appear`() throws {
        let folder = try TestFolder()
        let shelf = folder.path + "/shelf"
        try FileManager.default.createDirectory(atPath: shelf, withIntermediateDirectories: true)
        _ = try KeyFile.create(
            at: shelf + "/keys", slot: .recovery(try KeyFile.newRecoveryText()))
        // Source: ioctl_tty(2), TIOCSPTLCK and TIOCGPTN; Swift's Glibc does not know posix_openpt.
        let (unlock, tellNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
        let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (locked, number) = (Int32(0), UInt32(0))
        try #require(terminal >= 0)
        try #require(ioctl(terminal, unlock, &locked) == 0)
        try #require(ioctl(terminal, tellNumber, &number) == 0)
        defer { close(terminal) }
        let name = "/dev/pts/\(number)"
        let process = Process()
        process.executableURL = try Programs.url("sluicectl")
        process.arguments = ["restore", "--from", shelf, "--data", folder.path + "/box"]
        let end = open(name, O_RDWR | O_NOCTTY)
        let handle = FileHandle(fileDescriptor: end, closeOnDealloc: true)
        (process.standardInput, process.standardOutput) = (handle, handle)
        process.standardError = handle
        try process.run()
        var shown = ""
        func read(until text: String) {
            var event = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
            var chunk = [UInt8](repeating: 0, count: 4096)
            while !shown.contains(text), poll(&event, 1, 30_000) == 1 {
                let count = Glibc.read(terminal, &chunk, chunk.count)
                guard count > 0 else { return }
                shown += String(decoding: chunk[..<count], as: UTF8.self)
            }
        }
        read(until: "characters: ")
        let typed = "7777-7777-7777-7777"
        _ = (typed + "\n").withCString { write(terminal, $0, strlen($0)) }
        read(until: "Nothing was changed")
        process.waitUntilExit()
        #expect(shown.contains("characters: ") && shown.contains("Nothing was changed"), "\(shown)")
        #expect(!shown.contains("7777"))
    }
}
