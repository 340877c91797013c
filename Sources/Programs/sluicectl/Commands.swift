// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import ArgumentParser

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell whether the daemon serves, and from which books.")

    @OptionGroup var socket: Socket

    func run() throws {
        let ready = try socket.ask("GET", "/health/ready")
        let practice = try socket.ask("GET", "/api/v1/practice")
        if socket.json { return print(practice.text) }
        print(ready.isTrue("ready") ? "serving" : "not ready")
        print(practice.isTrue("active") ? "practice books" : "real books")
        print("\(practice["items"] ?? "0") items, \(practice["movements"] ?? "0") movements")
    }
}

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Recompute balances, journal and store, and name the first difference.")

    @OptionGroup var socket: Socket

    func run() throws {
        let answer = try socket.ask("POST", "/api/v1/verification", body: "{}")
        if socket.json {
            print(answer.text)
        } else {
            for check in answer.list("checks") {
                let name = column(check["name"] ?? "", 10)
                let result = check["difference"] ?? "ok, \(check["rows"] ?? "0") rows"
                print("\(name)\(result)")
            }
        }
        if !answer.isTrue("ok") { throw ExitCode(1) }
    }
}

struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Practice with demo goods, beside the real books.",
        subcommands: [Load.self, Clear.self])

    struct Load: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Open practice books: about 1,000 items and a year of movements.")

        @OptionGroup var socket: Socket

        func run() throws {
            complain("Making practice books, about half a minute ...")
            let answer = try socket.ask("POST", "/api/v1/practice", body: "{}")
            print(
                socket.json
                    ? answer.text
                    : """
                    \(answer["items"] ?? "0") items and \(answer["movements"] ?? "0") movements. \
                    The real books are untouched; `sluicectl demo clear` goes back to them.
                    """)
        }
    }

    struct Clear: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Close the practice books, remove them and go back to the real ones.")

        @OptionGroup var socket: Socket

        func run() throws {
            let answer = try socket.ask("DELETE", "/api/v1/practice")
            print(socket.json ? answer.text : "Back to the real books.")
        }
    }
}

struct Jobs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What the box does by itself.", subcommands: [List.self, Run.self],
        defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the jobs.")

        @OptionGroup var socket: Socket

        func run() throws {
            let answer = try socket.ask("GET", "/api/v1/jobs")
            if socket.json { return print(answer.text) }
            for job in answer.list("items") {
                let name = column(job["name"] ?? "", 26)
                let cadence = column(job["cadence"] ?? "", 14)
                let result = column(job["lastResult"] ?? "-", 8)
                print("\(name)\(cadence)\(result)next \(job["next"] ?? "-")")
            }
        }
    }

    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Run a job now.")

        @Argument(help: "Name of the job, as `sluicectl jobs` lists it.")
        var name: String

        @OptionGroup var socket: Socket

        func validate() throws {
            let isName = name.allSatisfy { $0.isASCII && ($0.isLetter || "._-".contains($0)) }
            guard isName, !name.isEmpty else {
                throw ValidationError("A job's name has letters, points and underscores.")
            }
        }

        func run() throws {
            let answer = try socket.ask("POST", "/api/v1/jobs/\(name)/run", body: "{}")
            print(socket.json ? answer.text : "\(name) is under way.")
        }
    }
}

struct Journal: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the newest entries of the journal.")

    @Option(help: "How many entries, 1 to 200.")
    var limit = 20

    @OptionGroup var socket: Socket

    func run() throws {
        let answer = try socket.ask("GET", "/api/v1/journal?limit=\(limit)")
        if socket.json { return print(answer.text) }
        for entry in answer.list("items") {
            let kind = column(entry["kind"] ?? "", 28)
            let who = column(entry["actorName"] ?? "", 16)
            print("\(entry["at"] ?? "")  \(kind)\(who)\(entry["subject"] ?? "")")
        }
    }
}

struct API: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the description of the HTTP API (OpenAPI 3.1).")

    @OptionGroup var socket: Socket

    func run() throws {
        print(try socket.ask("GET", "/api/openapi.json").text)
    }
}
