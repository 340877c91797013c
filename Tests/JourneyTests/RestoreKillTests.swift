// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import TestKit
import Testing
import Web

/// Restores, decisions about them, and `kill -9` at each step: the books are the old or the restored
/// ones, whole, and the next command goes on.
extension Journeys.RestoreKillTests {
    private func crash(_ box: ShelvedBox, _ what: String, at step: Int) throws -> (
        status: Int32, said: String
    ) {
        let more = what == "restore" ? [box.shelf, "\(box.early)"] : []
        let (status, said, complaint) = try Programs.run(
            "restore-crash", [box.data, what, "\(step)"] + more)
        #expect(status == 0 || status == SIGKILL, "\(complaint)")
        return (status, said)
    }

    /// Does it once without a kill, to learn how many steps there are.
    private func steps(_ box: ShelvedBox, _ what: String, from copy: String) throws -> Int {
        try box.put(copy)
        let whole = try crash(box, what, at: 0)
        let count = try #require(
            Int(whole.said.split(separator: "\n").last.map(String.init) ?? ""))
        #expect(count > 2)
        return count
    }

    private func accepted(_ daemon: Daemon) throws -> Int {
        let answer = try daemon.control().ask(
            "GET", "/api/v1/journal?kind=store.rollback_accepted")
        return answer.json["items"]?.elements.count ?? -1
    }

    @Test func `a restore that is killed at any step has happened or has not, and can be decided`()
        throws
    {
        let box = try ShelvedBox()
        try box.keep("before")
        for step in 1...(try steps(box, "restore", from: "before")) {
            try box.put("before")
            #expect(try crash(box, "restore", at: step).status == SIGKILL)
            let isOpen = box.isThere("before-restore") && !box.isThere("before-restore/restored")
            let daemon = try Daemon(data: box.data)
            #expect(
                try box.shop.level(daemon) == (isOpen ? ShelvedBox.first : ShelvedBox.last),
                "step \(step)")
            #expect(try verification(daemon).ok)
            // What did not happen was not accepted either.
            #expect(try accepted(daemon) == (isOpen ? 1 : 0), "step \(step)")
            #expect(daemon.stop() == 0)
            let decided = try box.decide("--abandon")
            #expect(decided.status == (isOpen ? 0 : 1), "step \(step): \(decided.text)")
            let again = try box.restore(["--to", "\(box.early)"])
            #expect(again.status == 0, "step \(step): \(again.text)")
            #expect(try box.level() == ShelvedBox.first)
        }
    }

    @Test(arguments: ["commit", "abandon"])
    func `a decision that is killed at any step is made or not, and the next restore works`(
        _ what: String
    ) throws {
        let box = try ShelvedBox()
        #expect(try box.restore(["--to", "\(box.early)"]).status == 0)
        #expect(try box.level() == ShelvedBox.first)
        try box.keep("undecided")
        for step in 1...(try steps(box, what, from: "undecided")) {
            try box.put("undecided")
            #expect(try crash(box, what, at: step).status == SIGKILL)
            let isOpen = box.isThere("before-restore") && !box.isThere("before-restore/restored")
            let isOld = what == "abandon" && !isOpen
            #expect(
                try box.level() == (isOld ? ShelvedBox.last : ShelvedBox.first), "step \(step)")
            let early = ["--to", "\(box.early)"]
            if isOpen {
                let refused = try box.restore(early)
                #expect(refused.status == 1 && refused.text.contains("--commit"))
                let decided = try box.decide("--\(what)")
                #expect(decided.status == 0, "step \(step): \(decided.text)")
            }
            let again = try box.restore(early)
            #expect(again.status == 0, "step \(step): \(again.text)")
            #expect(!box.isThere("before-restore.gone"))
        }
    }
}
