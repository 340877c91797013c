// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import Foundation
import Glibc
import Kernel
import TestKit
import Testing
import Web

/// The clock of one daemon, which can be set while it runs: libfaketime stands between the program and
/// the C library. Time that only counts how long something takes goes on as it is, as when a real clock
/// is set.
private struct SetClock {
    let file: String

    static let library = "/usr/lib/\(machine)-linux-gnu/faketime/libfaketimeMT.so.1"

    private static var machine: String {
        #if arch(arm64)
            "aarch64"
        #else
            "x86_64"
        #endif
    }

    /// The library adds a variable of its own to the environment of the first program that loads it,
    /// and Swift finds the words of the command line by where the environment lay at the start. So
    /// another program is the first.
    static let launcher = "/usr/bin/env"

    /// A sanitizer's own library stands where this one would have to stand.
    static var isThere: Bool {
        let isSanitized = dlsym(nil, "__tsan_init") != nil || dlsym(nil, "__asan_init") != nil
        return !isSanitized && access(library, R_OK) == 0
    }

    var environment: [String: String] {
        [
            "LD_PRELOAD": SetClock.library, "FAKETIME_TIMESTAMP_FILE": file,
            "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        ]
    }

    func set(hours: Int) throws {
        try Data("\(hours < 0 ? "" : "+")\(hours)h\n".utf8).write(
            to: URL(fileURLWithPath: file), options: .atomic)
    }
}

extension Journeys.ClockTests {
    private static let note: Comment =
        "libfaketime is needed: sudo apt-get install libfaketime, or packaging/prepare.sh peers"

    private func entries(_ daemon: Daemon) throws -> [(id: Int64, kind: String, at: String)] {
        let answer = try daemon.control().ask("GET", "/api/v1/journal?limit=200")
        #expect(answer.status == 200, "\(answer.text)")
        return (answer.json["items"]?.elements ?? []).map {
            ($0["seq"]?.integer ?? -1, $0["kind"]?.text ?? "", $0["at"]?.text ?? "")
        }
    }

    private func scan(_ shop: Shop, _ daemon: Daemon, _ count: Int) throws -> [String] {
        let line = try daemon.line()
        line.credentials = [shop.device]
        return try (0..<count).map { _ in
            let scan = shop.scan("receive", event: UUID().uuidString.lowercased())
            let answer = try line.ask("POST", "/api/v1/scans", json: scan)
            #expect(answer.status == 200, "\(answer.text)")
            return answer.json["movement"]?.text ?? ""
        }
    }

    @Test(.enabled(if: SetClock.isThere, note))
    func `a clock set back an hour changes no order, no book, no session and no backup`() throws {
        let folder = try TestFolder()
        let (data, shelf) = (folder.path + "/box", folder.path + "/shelf")
        try FileManager.default.createDirectory(atPath: shelf, withIntermediateDirectories: true)
        let clock = SetClock(file: folder.path + "/clock")
        try clock.set(hours: 0)
        let first = try Daemon(
            data: data, environment: clock.environment, launcher: SetClock.launcher)
        let cookie = try first.setUp()
        let key = try addRecovery(data)
        let shop = try Shop(first)
        let socket = ["--socket", first.socket]
        #expect(try Programs.run("sluicectl", ["backup", "add", "shelf", shelf] + socket).0 == 0)
        #expect(try Programs.run("sluicectl", ["backup", "run"] + socket).0 == 0)
        var movements = try scan(shop, first, 10)
        let before = try entries(first)

        try clock.set(hours: -1)
        movements += try scan(shop, first, 10)
        try expectOrder(first, shop, movements, cookie: cookie)
        let after = try entries(first)
        // While it runs no entry is told earlier than the one before it.
        let latest = try #require(before.map(\.at).max())
        let known = Set(before.map(\.id))
        #expect(after.filter { !known.contains($0.id) }.allSatisfy { $0.at >= latest })
        // A job still runs when it is asked for, and none waits for longer than its turn.
        #expect(try Programs.run("sluicectl", ["backup", "run"] + socket).0 == 0)
        try expectTimetable(first, hoursBack: 1)
        #expect(first.stop() == 0)

        // Over a restart, and after one without warning.
        let second = try Daemon(
            data: data, environment: clock.environment, launcher: SetClock.launcher)
        movements += try scan(shop, second, 10)
        try expectOrder(second, shop, movements, cookie: cookie)
        second.kill9()
        let third = try Daemon(
            data: data, environment: clock.environment, launcher: SetClock.launcher)
        movements += try scan(shop, third, 5)
        try expectOrder(third, shop, movements, cookie: cookie)
        let run = try Programs.run("sluicectl", ["backup", "run", "--socket", third.socket])
        #expect(run.0 == 0, "\(run.2)")
        let drill = try Programs.run("sluicectl", ["drill", "--socket", third.socket])
        #expect(drill.0 == 0, "\(drill.1) \(drill.2)")
        // Who signs out is out at once, however the clock stands.
        let line = try third.line()
        line.credentials = [("Cookie", cookie)]
        #expect(try line.ask("DELETE", "/api/v1/session").status == 204)
        #expect(try line.ask("GET", "/api/v1/session").status == 401)
        third.kill9()

        // The newest backup is the one with the most in it, not the one with the latest time.
        let restored = folder.path + "/new"
        let talk = try Talk("sluicectl", ["restore", "--from", shelf, "--data", restored])
        talk.answer(key)
        #expect(talk.end() == 0, "\(talk.asked)")
        let fourth = try Daemon(data: restored)
        #expect(try shop.level(fourth) == movements.count)
        #expect(try verification(fourth).ok)
        #expect(fourth.stop() == 0)
    }

    /// Ids go on, nothing is doubled or lost, the chain holds, and who was signed in still is.
    private func expectOrder(
        _ daemon: Daemon, _ shop: Shop, _ movements: [String], cookie: String
    ) throws {
        let numbers = movements.compactMap { Int($0.drop { !$0.isNumber }) }
        #expect(numbers == numbers.sorted() && Set(numbers).count == movements.count)
        #expect(try shop.level(daemon) == movements.count)
        #expect(try verification(daemon).ok)
        let ids = try entries(daemon).map(\.id)
        #expect(Set(ids).count == ids.count && (ids == ids.sorted() || ids == ids.sorted(by: >)))
        let line = try daemon.line()
        line.credentials = [("Cookie", cookie)]
        #expect(try line.ask("GET", "/api/v1/session").status == 200)
    }

    /// No job is put off for longer than its turn because its time was set by the old clock.
    private func expectTimetable(_ daemon: Daemon, hoursBack: Int64) throws {
        func next() throws -> Instant {
            let jobs = try daemon.control().ask("GET", "/api/v1/jobs").json["items"]?.elements ?? []
            let tidy = jobs.first { $0["name"]?.text == "access.tidy" }
            return try Instant(rfc3339: try #require(tidy?["next"]?.text))
        }
        // Once an hour: by the clock as it is now, with a minute for the machine to be slow.
        let limit = try systemClock().adding(seconds: -hoursBack * 3600 + 3600 + 60)
        #expect(try comes(within: 70) { try next() <= limit })
    }
}
