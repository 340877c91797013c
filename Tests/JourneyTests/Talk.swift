// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Testing

/// A program that asks questions, and a test that answers them through its standard input.
final class Talk {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let errors = Pipe()
    /// All that was said so far.
    private(set) var said = ""
    private(set) var asked = ""

    init(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        process.executableURL = try Programs.url(program)
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// Waits for a question that has `text` in it. What was printed before is in `said` then.
    func wait(for text: String) throws {
        while !asked.contains(text) {
            let data = errors.fileHandleForReading.availableData
            try #require(!data.isEmpty, "the program did not ask \(text): \(asked)")
            asked += String(decoding: data, as: UTF8.self)
        }
    }

    /// Waits until the program has printed `text`.
    func hear(_ text: String) throws {
        while !said.contains(text) {
            let data = output.fileHandleForReading.availableData
            try #require(!data.isEmpty, "the program did not say \(text)")
            said += String(decoding: data, as: UTF8.self)
        }
    }

    /// Answers the last question and forgets it.
    func answer(_ line: String) {
        asked = ""
        input.fileHandleForWriting.write(Data((line + "\n").utf8))
    }

    var environmentOfProcess: [UInt8] {
        let path = "/proc/\(process.processIdentifier)"
        return ["environ", "cmdline"].flatMap { name in
            FileManager.default.contents(atPath: "\(path)/\(name)").map { Array($0) } ?? []
        }
    }

    /// Waits for the end. Returns the exit status.
    func end() -> Int32 {
        try? input.fileHandleForWriting.close()
        said += String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        asked += String(
            decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return process.terminationStatus
    }
}
