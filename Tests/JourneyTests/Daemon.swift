// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc
import Synchronization
import TestKit
import Web

/// The real daemon in a process of its own, on a free port and a folder of its own.
final class Daemon {
    struct Silent: Error, CustomStringConvertible {
        let description: String
    }

    let data: String
    let port: UInt16
    /// From the start of the process to the first request that it served.
    let secondsToServe: Double
    /// The code for the first administrator; nil when there is one.
    let setupCode: String?
    private let process: Process

    var socket: String { "\(data)/control.sock" }
    var courierSocket: String { "\(data)/courier.sock" }
    var processID: Int32 { process.processIdentifier }

    /// Starts the daemon and waits until it serves.
    ///
    /// - Parameters:
    ///   - environment: beside that of the tests.
    ///   - rate: requests a second of one sender; by default as many as tests like.
    ///   - launcher: path of a program that becomes the daemon; nil for none.
    ///   - built: path of the daemon; nil for the one that was built with these tests.
    init(
        data: String, environment: [String: String] = [:], rate: Int = 1_000_000,
        options: [String] = [], launcher: String? = nil, built: String? = nil
    ) throws {
        self.data = data
        process = Process()
        let program =
            try built.map { URL(fileURLWithPath: $0) } ?? Programs.url("sluiced")
        process.executableURL = launcher.map { URL(fileURLWithPath: $0) } ?? program
        process.arguments =
            (launcher == nil ? [] : [program.path]) + [
                "--data", data, "--listen", "127.0.0.1:0", "--www", try Programs.www(),
                "--requests-per-second", String(rate),
            ] + options
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let output = Pipe()
        process.standardOutput = output
        let complaints = "\(data).log"
        let log = open(complaints, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        process.standardError = FileHandle(fileDescriptor: log, closeOnDealloc: true)
        let start = ContinuousClock.now
        try process.run()
        var said = Said(output.fileHandleForReading.fileDescriptor)
        let prefix = "listening on http://127.0.0.1:"
        guard let line = said.line(), line.hasPrefix(prefix),
            let port = UInt16(line.dropFirst(prefix.count))
        else {
            process.terminate()
            let text = try? String(contentsOfFile: complaints, encoding: .utf8)
            throw Silent(description: "the daemon did not start: \(text ?? "")")
        }
        self.port = port
        let ready = try Line(.port(port)).ask("GET", "/health/ready")
        let needed = try Line(.port(port)).ask("GET", "/api/v1/setup").json["needed"]?.flag
        secondsToServe = (ContinuousClock.now - start).seconds
        guard ready.status == 200 else { throw Silent(description: ready.text) }
        setupCode = needed == true ? said.line().map { String($0.dropFirst(13)) } : nil
    }

    deinit { if process.isRunning { kill(processID, SIGKILL) } }

    /// A connection of its own.
    func line() throws -> Line { try Line(.port(port)) }

    /// A connection to the control socket, on which the daemon's own user may do everything.
    func control() throws -> Line { try Line(.socket(socket)) }

    /// Ends the daemon as the power would.
    func kill9() {
        kill(processID, SIGKILL)
        process.waitUntilExit()
    }

    /// Asks the daemon to stop and waits until it has. Returns its exit status.
    @discardableResult
    func stop() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Makes the first administrator and returns the session cookie.
    func setUp(name: String = "Lin", password: String = "harbour crane nine") throws -> String {
        guard let setupCode else { throw Silent(description: "there is an administrator") }
        let line = try line()
        let answer = try line.ask(
            "POST", "/api/v1/setup",
            json: """
                {"code":"\(setupCode)","name":"\(name)","password":"\(password)",
                "language":"en","siteName":"Northbank","timeZone":"Asia/Shanghai"}
                """)
        guard answer.status == 201, let cookie = answer.header("set-cookie") else {
            throw Silent(description: answer.text)
        }
        return String(cookie.prefix { $0 != ";" })
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

/// Lines that a program says, each waited for until a deadline.
private struct Said {
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    mutating func line() -> String? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer.removeFirst(end + 1) }
                return String(decoding: buffer[..<end], as: UTF8.self)
            }
            var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&event, 1, 30_000) == 1 else { return nil }
            var chunk = [UInt8](repeating: 0, count: 4096)
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return nil }
            buffer.append(contentsOf: chunk[..<count])
        }
    }
}

/// The programs that were built with these tests.
enum Programs {
    static func url(_ name: String) throws -> URL {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(name)
    }

    /// The screens of the checkout.
    static func www() throws -> String { TestFolder.checkout + "/www" }

    /// Runs a program to its end. Returns its exit status and what it said.
    static func run(_ name: String, _ arguments: [String]) throws -> (Int32, String, String) {
        let process = Process()
        process.executableURL = try url(name)
        process.arguments = arguments
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        let complained = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (
            process.terminationStatus, String(decoding: said, as: UTF8.self),
            String(decoding: complained, as: UTF8.self)
        )
    }
}

/// Runs `work` on threads of its own, all at once, and waits for the last.
func together(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) {
    let done = DispatchGroup()
    for number in 0..<count {
        done.enter()
        let thread = Thread {
            work(number)
            done.leave()
        }
        thread.start()
    }
    done.wait()
}

/// Waits until `condition` holds, by asking it. False when it did not within `seconds`.
func comes(within seconds: Double, _ condition: () throws -> Bool) rethrows -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
        if try condition() { return true }
        sched_yield()
    }
    return false
}
