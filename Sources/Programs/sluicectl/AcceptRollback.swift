// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import ArgumentParser

/// For the day on which the daemon refuses to start because its books are older than they should be.
struct AcceptRollback: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Accept the books as they lie, although they are older than they should be.",
        discussion: """
            Stop the daemon first. It tells on its next start what was wrong, takes the books as \
            they are, and writes into the journal who accepted that, when and why.
            """)

    @Option(help: "Why: one line for those who read the journal later.")
    var reason: String

    @Option(help: "Folder of all data.")
    var data = "/var/lib/sluice"

    func run() throws {
        try telling { print(try acceptRollback(data: data, reason: reason)) }
    }
}
