// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Testing

@testable import SealedStore

/// Programs that lie beside the tests and are run by them.
enum TestProgram {
    /// Starts one; what it prints comes through the result.
    static func start(
        _ name: String, _ arguments: [String]
    ) throws -> (process: Process, output: FileHandle) {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: own).deletingLastPathComponent()
            .appendingPathComponent(name)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        return (process, pipe.fileHandleForReading)
    }

    /// Runs `store-fault` to its end, records what it found bad, and returns the figures of its last
    /// line.
    ///
    /// - Parameter lie: which flushes the disk only pretends to do; bad states are expected then.
    static func faults(
        _ what: String, seed: UInt64, _ count: Int, lie: String? = nil
    ) throws -> [String: Int] {
        let arguments = [what, "\(seed)", "\(count)"] + (lie.map { [$0] } ?? [])
        let (process, output) = try start("store-fault", arguments)
        let text = String(decoding: output.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let lines = text.split(separator: "\n")
        let command = "store-fault \(arguments.joined(separator: " "))"
        for line in lines where lie == nil && line.hasPrefix("BAD") {
            Issue.record("\(command): \(line)")
        }
        let last = lines.last ?? ""
        guard process.terminationReason == .exit, last.hasPrefix("result ") else {
            Issue.record("\(command) ended at: \(last)")
            return [:]
        }
        print("\(command): \(last)")
        var figures: [String: Int] = [:]
        for word in last.split(separator: " ") {
            let parts = word.split(separator: "=")
            if parts.count == 2 { figures[String(parts[0])] = Int(parts[1]) }
        }
        return figures
    }
}

/// `store-crash`: writes numbers from several threads and says each that was acknowledged.
enum CrashProgram {
    /// Runs it and kills it some time after it is ready. Returns the numbers of each line that it
    /// said to the end.
    static func killed(
        _ arguments: [String], after microseconds: Int
    ) throws -> [[Int64]] {
        let (process, output) = try TestProgram.start("store-crash", arguments)
        var text = ""
        while !text.contains("ready\n") {
            let data = output.availableData
            try #require(!data.isEmpty, "the program did not become ready")
            text += String(decoding: data, as: UTF8.self)
        }
        let number = process.processIdentifier
        // What it says meanwhile is read, or it would wait for room in the pipe.
        DispatchQueue.global().asyncAfter(deadline: .now() + .microseconds(microseconds)) {
            kill(number, SIGKILL)
        }
        text += String(decoding: output.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let end = text.lastIndex(of: "\n") ?? text.startIndex
        return text[..<end].split(separator: "\n").map { line in
            line.split(separator: " ").compactMap { Int64($0) }
        }
    }

    /// The same text as in the program.
    static let schema = RoomSchema(
        room: "crash", prefix: "crash",
        migrations: [
            Migration(
                1, "numbers",
                """
                CREATE TABLE crash_number (
                    id INTEGER PRIMARY KEY, thread INTEGER NOT NULL, number INTEGER NOT NULL,
                    filling BLOB NOT NULL, UNIQUE (thread, number)
                ) STRICT;
                CREATE TABLE crash_total (
                    thread INTEGER PRIMARY KEY, numbers INTEGER NOT NULL
                ) STRICT;
                """)
        ])
}
