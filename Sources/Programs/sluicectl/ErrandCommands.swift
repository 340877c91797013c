// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import ArgumentParser

struct Errands: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List what the courier has to carry to other machines, oldest first.")

    @Option(help: "waiting, claimed, done or failed.")
    var state = "waiting"

    @Option(help: "How many errands, 1 to 200.")
    var limit = 50

    @OptionGroup var socket: Socket

    func validate() throws {
        guard ["waiting", "claimed", "done", "failed"].contains(state) else {
            throw ValidationError("--state wants waiting, claimed, done or failed.")
        }
    }

    func run() throws {
        let answer = try socket.ask("GET", "/api/v1/errands?state=\(state)&limit=\(limit)")
        if socket.json { return print(answer.text) }
        for errand in answer.list("items") {
            let id = column(errand["id"] ?? "", 12)
            let kind = column(errand["kind"] ?? "", 16)
            let target = column(errand["target"] ?? "", 16)
            print("\(id)\(kind)\(target)\(errand["object"] ?? "")")
            if let note = errand["note"], !note.isEmpty { print("            \(note)") }
        }
    }
}
