// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import ArgumentParser
import Foundation

struct UserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "People who sign in.", subcommands: [Rescue.self])

    struct Rescue: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let somebody in again who lost password, phone and recovery codes.",
            discussion: """
                Only root may, on the box itself. The person gets a password that works once, \
                within an hour; their second factors and sessions end. The journal tells it, and \
                the person is told at their next sign-in.
                """)

        @Argument(help: "Name of the user.")
        var name: String

        @OptionGroup var socket: Socket

        func run() throws {
            let body = try JSONSerialization.data(withJSONObject: ["name": name])
            let answer = try socket.ask(
                "POST", "/api/v1/rescues", body: String(decoding: body, as: UTF8.self))
            if socket.json { return print(answer.text) }
            print("One-time password for \(name): \(answer["password"] ?? "")")
            complain("It works once, within an hour. A password of their own is chosen then.")
        }
    }
}
