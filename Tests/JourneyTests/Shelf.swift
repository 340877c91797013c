// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import TestKit
import Testing
import Web

/// A box with a backup on a shelf, and what it looked like when: 7 pieces in the first backup, 10 in
/// the second, 110 when it was stopped.
final class ShelvedBox {
    let folder: TestFolder
    let data: String
    let shelf: String
    /// A recovery key of the box.
    let recovery: String
    let shop: Shop
    /// The newest commit of the first backup.
    let early: Int64
    static let (first, second, last) = (7, 10, 110)

    init() throws {
        folder = try TestFolder()
        data = folder.path + "/box"
        shelf = folder.path + "/shelf"
        try FileManager.default.createDirectory(atPath: shelf, withIntermediateDirectories: true)
        let daemon = try Daemon(data: data)
        _ = try daemon.setUp()
        recovery = try addRecovery(data)
        shop = try Shop(daemon)
        try shop.receive(Self.first, daemon)
        let socket = ["--socket", daemon.socket]
        #expect(try sluicectl(["backup", "add", "shelf", shelf] + socket).status == 0)
        #expect(try sluicectl(["backup", "run"] + socket).status == 0)
        let points = try daemon.control().ask("GET", "/api/v1/backups/points").json["items"]
        early = points?.elements.compactMap { $0["untilCommit"]?.integer }.max() ?? 0
        try shop.receive(Self.second - Self.first, daemon)
        #expect(try sluicectl(["backup", "run"] + socket).status == 0)
        try shop.receive(Self.last - Self.second, daemon)
        #expect(daemon.stop() == 0)
    }

    func restore(_ more: [String] = [], to name: String? = nil, says: String = "") throws -> (
        status: Int32, text: String
    ) {
        let data = name.map { "\(folder.path)/\($0)" } ?? data
        return try sluicectl(["restore", "--from", shelf, "--data", data] + more, says: says)
    }

    func decide(_ word: String) throws -> (status: Int32, text: String) {
        try sluicectl(["restore", word, "--data", data])
    }

    /// Starts the daemon, reads how much there is, looks whether all adds up, and stops it.
    func level(of name: String? = nil) throws -> Int? {
        let daemon = try Daemon(data: name.map { "\(folder.path)/\($0)" } ?? data)
        defer { #expect(daemon.stop() == 0) }
        #expect(try verification(daemon).ok)
        return try shop.level(daemon)
    }

    func isThere(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(data)/\(name)")
    }

    /// Puts the whole data folder back as it lies in `copy`.
    func put(_ copy: String) throws {
        try? FileManager.default.removeItem(atPath: data)
        try FileManager.default.copyItem(atPath: "\(folder.path)/\(copy)", toPath: data)
    }

    /// Keeps a copy of the whole data folder under a name.
    func keep(_ copy: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: data)
        where name.hasSuffix(".sock") {
            try FileManager.default.removeItem(atPath: "\(data)/\(name)")
        }
        try FileManager.default.copyItem(atPath: data, toPath: "\(folder.path)/\(copy)")
    }
}

/// Runs `sluicectl` to its end, with lines on its standard input.
func sluicectl(_ words: [String], says line: String = "") throws -> (status: Int32, text: String) {
    let talk = try Talk("sluicectl", words)
    talk.answer(line)
    let status = talk.end()
    return (status, talk.said + talk.asked)
}
