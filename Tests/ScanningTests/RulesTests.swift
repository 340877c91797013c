// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import TestKit
import Testing

@testable import Inventory
@testable import Scanning

@Suite struct ScanRuleTests {
    @Test func `a task that moves goods has its kind of movement, the others have none`() throws {
        #expect(try movementKind(of: .receive) == .receive)
        #expect(try movementKind(of: .ship) == .ship)
        #expect(try movementKind(of: .move) == .move)
        for task in [ScanTask.look, .undo] {
            #expect(throws: ScanRefusal.taskMovesNothing) { try movementKind(of: task) }
        }
    }

    @Test func `a count is a decimal text`() throws {
        #expect(try readCount("12") == Quantity(pieces: 12))
        #expect(try readCount("1.250").decimal == "1.250")
        for text in ["", "x", "1,5", "1e3", "٣"] {
            #expect(throws: ScanRefusal.countMalformed) { try readCount(text) }
        }
    }

    @Test func `a parked scan is open until it is resolved or dismissed, and then for good`() throws
    {
        #expect(try parkedLifecycle.after("replay", from: .open) == .resolved)
        #expect(try parkedLifecycle.after("dismiss", from: .open) == .dismissed)
        for state in [ParkedState.resolved, .dismissed] {
            #expect(parkedLifecycle.legal(from: state).isEmpty)
            #expect(parkedLifecycle.ends.contains(state))
        }
        #expect(parkedLifecycle.unreachable.isEmpty)
        #expect(parkedLifecycle.deadEnds.isEmpty)
    }

    @Test(
        arguments: [
            ("6901234567892", "6901234567892"), ("]E06901234567892", "6901234567892"),
            (" BOLT-7 ", "BOLT-7"), ("]C0BOLT-7", "BOLT-7"),
            ("]C1010950600013435210LOT7", "09506000134352"),
            ("(02)09506000134352(37)24(00)395060001343500000", "09506000134352"),
        ])
    func `what a packaging is given is the number of the goods, else the text`(
        _ code: String, _ attached: String
    ) throws {
        let reading = try? read(code, today: try BusinessDay("2026-11-23"))
        // The label of a pallet must be right as a whole before it is anything.
        guard let reading else { return #expect(code.hasPrefix("(02)")) }
        #expect(reading.attachable == attached)
    }
}
