// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Synchronization
import TestKit
import Testing
import Web

/// What one client knows of its scans. A scan without an answer is sent again after the restart,
/// as a scanner's queue does.
private struct Notes: Sendable {
    /// Events with the movement that was acknowledged.
    var acknowledged: [(scan: String, movement: String, amount: Int)] = []
    /// Sent, and no answer came.
    var open: [(scan: String, amount: Int)] = []
}

extension Journeys.KillTests {
    private static let clients = 4

    @Test func `no acknowledged scan is lost or doubled when the power goes`() throws {
        let cycles =
            ProcessInfo.processInfo.environment["SLUICE_KILL_CYCLES"].flatMap { Int($0) } ?? 50
        var dice = SeededDice()
        let folder = try TestFolder()
        let data = folder.path + "/box"
        let start = try Daemon(data: data)
        let shop = try Shop(start)
        try shop.receive(1000, start)
        start.stop()
        let notes = (0..<Self.clients).map { _ in Box() }
        var slowest = 0.0
        var replayed = 0
        var wanted = 0
        for _ in 0..<cycles {
            let daemon = try Daemon(data: data)
            slowest = max(slowest, daemon.secondsToServe)
            try settle(notes, daemon, shop)
            replayed += try sendAgain(notes, daemon, shop, &dice)
            // Sixty in the middle: 1,000 cycles make more than 50,000 scans.
            let enough = Int.random(in: 5...115, using: &dice)
            wanted += enough
            scanUntilKilled(daemon, shop, notes, after: enough, seed: dice.next())
        }
        let daemon = try Daemon(data: data)
        try settle(notes, daemon, shop)
        let known = notes.flatMap { $0.notes.withLock { $0.acknowledged } }
        let verdict = try verification(daemon)
        print(
            """
            kill: \(cycles) cycles, \(known.count) scans acknowledged, \(replayed) sent again, \
            slowest start \(slowest) s, seed \(dice.seed)
            """)
        let note: Comment = "seed \(dice.seed)"
        #expect(verdict.ok, note)
        // One movement for each acknowledged scan, and the receipt before them: none lost, none
        // doubled.
        #expect(verdict.rows["goods"] == Int64(known.count) + 1, note)
        #expect(Set(known.map(\.movement)).count == known.count, note)
        #expect(try shop.level(daemon) == known.map(\.amount).reduce(1000, +), note)
        #expect(known.count >= wanted, note)
        if cycles >= 1000 { #expect(known.count >= 50_000, note) }
        #expect(slowest <= 2, note)
        daemon.stop()
    }

    /// The notes of one client.
    private final class Box: Sendable {
        let notes = Mutex(Notes())
    }

    /// Sends again what had no answer. Each must be taken now, and once.
    private func settle(_ notes: [Box], _ daemon: Daemon, _ shop: Shop) throws {
        let line = try daemon.line()
        line.credentials = [shop.device]
        for box in notes {
            for entry in box.notes.withLock({ $0.open }) {
                let answer = try line.ask("POST", "/api/v1/scans", json: entry.scan)
                let movement = try #require(answer.json["movement"]?.text, "\(answer.text)")
                box.notes.withLock {
                    $0.acknowledged.append((entry.scan, movement, entry.amount))
                }
            }
            box.notes.withLock { $0.open = [] }
        }
    }

    /// Sends some acknowledged scans again: the answer names the same movement.
    private func sendAgain(
        _ notes: [Box], _ daemon: Daemon, _ shop: Shop, _ dice: inout SeededDice
    ) throws -> Int {
        let line = try daemon.line()
        line.credentials = [shop.device]
        let known = notes.flatMap { $0.notes.withLock { $0.acknowledged } }
        // The last ones are those that a crash could have lost.
        let chosen =
            notes.compactMap { $0.notes.withLock { $0.acknowledged.last } }
            + (0..<3).compactMap { _ in known.randomElement(using: &dice) }
        for entry in chosen {
            let answer = try line.ask("POST", "/api/v1/scans", json: entry.scan)
            #expect(answer.json["movement"]?.text == entry.movement, "seed \(dice.seed)")
            #expect(answer.header("idempotency-replayed") == "true", "seed \(dice.seed)")
        }
        return chosen.count
    }

    /// Lets all clients scan, and kills the daemon once so many scans were acknowledged.
    private func scanUntilKilled(
        _ daemon: Daemon, _ shop: Shop, _ notes: [Box], after enough: Int, seed: UInt64
    ) {
        let counter = Counter()
        let enoughAnswered = DispatchSemaphore(value: 0)
        let port = daemon.port
        let killer = Thread { [processID = daemon.processID] in
            _ = enoughAnswered.wait(timeout: .now() + 20)
            kill(processID, SIGKILL)
        }
        killer.start()
        together(notes.count) { number in
            var dice = SeededDice(seed &+ UInt64(number))
            guard let line = try? Line(.port(port)) else { return }
            line.credentials = [shop.device]
            while true {
                let isShipment = Bool.random(using: &dice)
                let scan = shop.scan(
                    isShipment ? "ship" : "receive", event: UUID().uuidString.lowercased())
                let amount = isShipment ? -1 : 1
                guard let answer = try? line.ask("POST", "/api/v1/scans", json: scan),
                    answer.status == 200, let movement = answer.json["movement"]?.text
                else {
                    return notes[number].notes.withLock { $0.open.append((scan, amount)) }
                }
                notes[number].notes.withLock { $0.acknowledged.append((scan, movement, amount)) }
                if counter.add() == enough { enoughAnswered.signal() }
            }
        }
        daemon.kill9()
    }

    private final class Counter: Sendable {
        private let value = Atomic<Int>(0)
        func add() -> Int { value.add(1, ordering: .relaxed).newValue }
    }
}
