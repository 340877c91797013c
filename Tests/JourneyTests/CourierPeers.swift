// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Foundation
import Glibc
import TestKit

/// The real courier in a process of its own.
final class Courier {
    private let process = Process()
    private let log: String

    init(_ daemon: Daemon, folder: String) throws {
        log = "\(daemon.data).courier.log"
        process.executableURL = try Programs.url("sluice-courier")
        process.arguments = ["--socket", daemon.courierSocket, "--folder", folder]
        let output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        process.standardError = FileHandle(fileDescriptor: output, closeOnDealloc: true)
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// All that it has said so far.
    var said: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    /// Ends it as the power would.
    func kill9() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Asks it to end. Returns its exit status.
    func stop() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }
}

/// OpenSSH's server on loopback, with keys of its own, for the user who runs the tests.
final class SFTPServer {
    private var processID: pid_t = 0
    private let folder: String
    let port: UInt16

    /// Where its files lie.
    var root: String { "\(folder)/remote" }

    init(_ parent: TestFolder) throws {
        folder = parent.path + "/sshd"
        port = try Self.freePort()
        try FileManager.default.createDirectory(
            atPath: "\(folder)/remote", withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        for key in ["host", "user"] {
            _ = try Self.run(
                "/usr/bin/ssh-keygen",
                ["-q", "-t", "ed25519", "-N", "", "-C", key, "-f", "\(folder)/\(key)"])
        }
        // What its package makes at boot, for the user without rights that it turns into.
        if getuid() == 0 { mkdir("/run/sshd", 0o755) }
        let settings = """
            ListenAddress 127.0.0.1
            Port \(port)
            HostKey \(folder)/host
            PidFile none
            AuthorizedKeysFile \(folder)/user.pub
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin prohibit-password
            StrictModes no
            UsePAM no
            Subsystem sftp internal-sftp
            ForceCommand internal-sftp

            """
        try Data(settings.utf8).write(to: URL(fileURLWithPath: "\(folder)/settings"))
        try start()
        guard comes(within: 10, { (try? Line(.port(port))) != nil }) else {
            throw Daemon.Silent(description: "sshd does not listen")
        }
    }

    /// Not by Foundation's `Process`: it takes a child that closes its descriptors, as sshd does at
    /// first, for one that has ended, and waits for it on the thread that watches all others.
    private func start() throws {
        let words = ["/usr/sbin/sshd", "-D", "-E", "\(folder)/log", "-f", "\(folder)/settings"]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        guard posix_spawn(&processID, words[0], nil, nil, &arguments, environ) == 0 else {
            throw Daemon.Silent(description: "sshd does not start")
        }
    }

    deinit {
        guard processID > 0 else { return }
        kill(processID, SIGKILL)
        waitpid(processID, nil, 0)
    }

    /// The server as a target, at which no more than that many bytes a second are sent.
    func target(bytesPerSecond: Int64) throws -> ErrandTarget {
        let line = try Self.run("/usr/bin/ssh-keygen", ["-l", "-f", "\(folder)/host.pub"])
        let fingerprint = line.split(separator: " ").dropFirst().first.map(String.init) ?? ""
        let key = try String(contentsOfFile: "\(folder)/user", encoding: .utf8)
        return ErrandTarget(
            name: "nas",
            place: .sftp(
                ErrandTarget.RemoteFolder(
                    host: "127.0.0.1", port: Int(port), path: "\(root)/box", user: NSUserName(),
                    credential: .privateKey(SecretText(key)), hostKeys: [fingerprint])),
            bytesPerSecond: bytesPerSecond)
    }

    private static func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Daemon.Silent(description: "\(program) fails")
        }
        return String(decoding: said, as: UTF8.self)
    }

    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound else { throw Daemon.Silent(description: "no free port") }
        return UInt16(bigEndian: address.sin_port)
    }
}
