// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import ArgumentParser
import Foundation

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Check the journal, and give parts of it out.",
        subcommands: [
            Verify.self, Anchor.self, Export.self, Check.self, Key.self, Findings.self,
        ])

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Recompute the journal and name the first entry that is not as it was told.",
            discussion: """
                With lines that were kept elsewhere it also finds a journal that was cut off or \
                written anew. Exit code 1 when something is wrong.
                """)

        @Option(help: "An anchor that was kept: the whole line. May be repeated.")
        var anchor: [String] = []

        @OptionGroup var socket: Socket

        func run() throws {
            let body = try JSONSerialization.data(withJSONObject: ["anchors": anchor])
            let answer = try socket.ask(
                "POST", "/api/v1/journal/verification",
                body: String(decoding: body, as: UTF8.self))
            if socket.json {
                print(answer.text)
            } else if let fault = answer["fault"] {
                print(sentence(fault, answer["seq"] ?? "?"))
            } else {
                print("ok, \(answer["entries"] ?? "0") entries")
            }
            if !answer.isTrue("ok") { throw ExitCode(1) }
        }

        private func sentence(_ fault: String, _ seq: String) -> String {
            switch fault {
            case "missing": "entry \(seq) is missing"
            case "foreign": "entry \(seq) is none that was told"
            case "altered": "entry \(seq) was changed, moved or put in"
            case "cut": "the journal was cut off: entry \(seq) and what followed are gone"
            case "rewritten": "entry \(seq) is another one than the anchor names"
            case "forked":
                "the anchor is of books that were left when older ones were brought back; they go "
                    + "together up to the entry before \(seq)"
            case "strange_anchor": "these books did not make this line, or it was mistyped"
            default: "\(fault), entry \(seq)"
            }
        }
    }

    struct Anchor: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put the state of the journal into a line now, and print it.",
            discussion: "Keep the line outside the box; `audit verify --anchor` compares with it.")

        @OptionGroup var socket: Socket

        func run() throws {
            let answer = try socket.ask("POST", "/api/v1/journal/anchors", body: "{}")
            print(socket.json ? answer.text : answer["line"] ?? "")
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a part of the journal to a file, and its signature beside it.")

        @Option(help: "From this instant on, such as 2026-11-28T00:00:00Z.")
        var since: String?

        @Option(help: "Before this instant.")
        var until: String?

        @Option(help: "Only entries of this kind, such as stock.moved.")
        var kind: String?

        @Option(help: "Only of this person or device, such as usr-1.")
        var actor: String?

        @Option(help: "Only about this record, such as itm-1.")
        var subject: String?

        @Argument(help: "The file; its signature gets the ending .sig. Neither may be there.")
        var file: String

        @OptionGroup var socket: Socket

        func run() throws {
            for path in [file, file + ".sig"] where FileManager.default.fileExists(atPath: path) {
                complain("There is a file \(path) already; it is not written over.")
                throw ExitCode(1)
            }
            let fields: [String: Any] = [
                "since": since ?? NSNull(), "until": until ?? NSNull(), "kind": kind ?? NSNull(),
                "actor": actor ?? NSNull(), "subject": subject ?? NSNull(), "address": NSNull(),
            ]
            let body = try JSONSerialization.data(withJSONObject: fields)
            let answer = try socket.ask(
                "POST", "/api/v1/journal/exports", body: String(decoding: body, as: UTF8.self))
            guard let content = answer["content"], let signature = answer["signature"] else {
                complain("The daemon's answer holds no export.")
                throw ExitCode(2)
            }
            try Data(content.utf8).write(
                to: URL(fileURLWithPath: file), options: .withoutOverwriting)
            try Data(signature.utf8).write(
                to: URL(fileURLWithPath: file + ".sig"), options: .withoutOverwriting)
            print("\(answer["rows"] ?? "0") entries in \(file), signature in \(file).sig")
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check an export of the journal against its signature; needs no daemon.",
            discussion: """
                Say the box's key with --key (`sluicectl audit key`, noted while the box was \
                trusted): without it a signature proves only that nothing was changed since \
                whoever has the key in the file signed it. Exit code 1 when it does not hold.
                """)

        @Argument(help: "The file.")
        var file: String

        @Option(help: "The signature; FILE.sig by default.")
        var signature: String?

        @Option(help: "The box's public key, hexadecimal.")
        var key: String?

        func run() throws {
            do throws(ExportFault) {
                let found = try ExportCheck.check(
                    file: file, signature: signature ?? file + ".sig", key: key)
                print("ok, \(found.entries) entries, signed with key \(found.key)")
                if key == nil {
                    complain("The key was not compared: say the box's own with --key.")
                }
            } catch {
                complain("\(error)")
                throw ExitCode(1)
            }
        }
    }

    struct Key: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the public key that exports are signed with; note it elsewhere.")

        @OptionGroup var socket: Socket

        func run() throws {
            let answer = try socket.ask("GET", "/api/v1/journal/key")
            print(
                socket.json ? answer.text : answer["key"] ?? "none yet; the first export makes it")
        }
    }

    struct Findings: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what an administrator should know; exit code 1 when there is any.")

        @OptionGroup var socket: Socket

        func run() throws {
            let answer = try socket.ask("GET", "/api/v1/findings?state=open&limit=200")
            let items = answer.list("items")
            if socket.json {
                print(answer.text)
            } else if items.isEmpty {
                print("nothing unusual")
            } else {
                for one in items {
                    let rule = column(one["rule"] ?? "", 20)
                    let who = [one["actorName"], one["actor"], one["address"]].compactMap { $0 }
                        .filter { !$0.isEmpty }.joined(separator: " ")
                    print("\(one["lastAt"] ?? "")  \(rule)\(one["count"] ?? "1")x  \(who)")
                }
            }
            if !items.isEmpty { throw ExitCode(1) }
        }
    }
}
