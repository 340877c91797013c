// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc
import TestKit
import Testing
import Web

/// A disk of a few MiB, mounted for one test.
private final class SmallDisk {
    let path: String
    private let filler: String

    static var mayMount: Bool { geteuid() == 0 }

    init?(_ path: String, mebibytes: Int) throws {
        self.path = path
        filler = path + "/filler"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let options = "size=\(mebibytes)m,mode=0700"
        guard mount("tmpfs", path, "tmpfs", 0, options) == 0 else { return nil }
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }

    /// Fills the disk to its last byte.
    func fill() {
        let file = open(filler, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        let bytes = [UInt8](repeating: 7, count: 1 << 16)
        for size in [1 << 16, 1 << 12, 512, 1] {
            while write(file, bytes, size) == size {}
        }
        close(file)
    }

    func free() { unlink(filler) }
}

extension Journeys.FullDiskTests {
    @Test(.enabled(if: SmallDisk.mayMount, "only root may mount a small disk"))
    func `a full disk refuses scans, says what to do, loses none, and goes on with room`() throws {
        let folder = try TestFolder()
        guard let disk = try SmallDisk(folder.path + "/disk", mebibytes: 48) else {
            print("skipped: this root may not mount, as in a container")
            return
        }
        let daemon = try Daemon(data: disk.path + "/box")
        let shop = try Shop(daemon)
        let line = try daemon.line()
        line.credentials = [shop.device]
        var taken: [String: String] = [:]
        var refused: [String] = []
        func scan(_ event: String) throws -> Line.Reply {
            let answer = try line.ask(
                "POST", "/api/v1/scans", json: shop.scan("receive", event: event))
            if answer.status == 200 { taken[event] = answer.json["movement"]?.text ?? "" }
            return answer
        }
        func event() -> String { UUID().uuidString.lowercased() }
        for _ in 0..<20 { #expect(try scan(event()).status == 200) }
        for round in 1...3 {
            disk.fill()
            // What is written lies in pages that the disk has given already, up to a point.
            var full: Line.Reply?
            for _ in 0..<5_000 where full == nil {
                let next = event()
                let answer = try scan(next)
                if answer.status != 200 {
                    full = answer
                    refused.append(next)
                }
            }
            let answer = try #require(full, "the disk never got full")
            #expect(answer.status == 503 && answer.code == "store.full", "\(answer.text)")
            #expect(answer.json["title"]?.text?.isEmpty == false)
            #expect(answer.json["detail"]?.text?.isEmpty == false, "\(answer.text)")
            // Reading goes on, and nothing of the refused is there.
            #expect(try shop.level(daemon) == taken.count, "round \(round)")
            disk.free()
            // It goes on by itself: the refused scan is sent again and taken once.
            for event in refused.suffix(1) { #expect(try scan(event).status == 200) }
            for _ in 0..<20 { #expect(try scan(event()).status == 200) }
            #expect(try shop.level(daemon) == taken.count, "round \(round)")
        }
        #expect(Set(taken.values).count == taken.count)
        #expect(try verification(daemon).ok)
        daemon.kill9()
        let again = try Daemon(data: disk.path + "/box")
        #expect(try shop.level(again) == taken.count)
        #expect(try verification(again).ok)
        // An acknowledged scan that is sent again is answered as it was.
        let other = try again.line()
        other.credentials = [shop.device]
        for (event, movement) in taken.prefix(10) {
            let answer = try other.ask(
                "POST", "/api/v1/scans", json: shop.scan("receive", event: event))
            #expect(answer.json["movement"]?.text == movement)
        }
        #expect(again.stop() == 0)
    }
}
