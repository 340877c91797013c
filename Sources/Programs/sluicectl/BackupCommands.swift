// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import ArgumentParser
import Foundation

struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "How the backups do, and what is in them.",
        subcommands: [
            Status.self, List.self, Run.self, VerifyBackup.self, TargetCommand.self, Add.self,
            Remove.self,
        ],
        defaultSubcommand: Status.self)

    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell how the backups do; exit code 1 when something is wrong.")

        @OptionGroup var socket: Socket

        func run() throws {
            let answer = try socket.ask("GET", "/api/v1/backups")
            let isPossible = answer.isTrue("possible")
            if socket.json {
                print(answer.text)
            } else if !isPossible {
                print("backup: these are practice books, which are not backed up")
            } else {
                print("backup: \(answer["verdict"] ?? "unknown")")
                for concern in answer.texts("concerns") { print("  \(sentence(concern))") }
                for target in answer.list("targets") {
                    let name = column(target["name"] ?? "", 20)
                    let state = target["fault"].map { "\($0) \(target["faultWords"] ?? "")" }
                    let reached = "commit \(target["commit"] ?? "0"), \(target["commitAt"] ?? "-")"
                    print("\(target["id"] ?? "")  \(name)\(target["place"] ?? "")")
                    print("        \(state ?? reached)")
                    if let advice = target["fault"].flatMap(socket.advice) {
                        print("        \(advice)")
                    }
                    for line in remarks(on: target) { print("        \(line)") }
                }
            }
            if isPossible, answer["verdict"] != "good" { throw ExitCode(1) }
        }

        /// A concern in words; the screen has the same in two languages.
        private func sentence(_ concern: String) -> String {
            switch concern {
            case "no_target": "nothing is backed up: add a target with `sluicectl backup add`"
            case "no_recovery_key": noRecoveryKey
            case "target_damaged": "something that a target kept is missing or was changed"
            case "target_behind": "nothing new was brought to a target for 20 minutes"
            case "snapshot_old": "a target has no snapshot of the last two days"
            case "drill_old": "no drill went well in the last 26 hours"
            case "drill_failed": "the last drill found something wrong"
            case "target_failing": "a target does not take what it is given"
            case "capture_failing": "commits are not captured"
            case "gap": "commits are missing in the history; the books have them"
            default: concern
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the stretches of time that can be brought back.")

        @OptionGroup var socket: Socket

        func run() throws {
            let answer = try socket.ask("GET", "/api/v1/backups/points")
            if socket.json { return print(answer.text) }
            let own = try socket.ask("GET", "/api/v1/backups")["keyEpoch"]
            for point in answer.list("items") {
                let start = "\(point["at"] ?? "") (commit \(point["commit"] ?? ""))"
                let end = "\(point["until"] ?? "") (commit \(point["untilCommit"] ?? ""))"
                let key = point["keyEpoch"] == own ? "" : ", key epoch \(point["keyEpoch"] ?? "")"
                print("\(column(point["target"] ?? "", 8))\(start) to \(end)\(key)")
            }
        }
    }

    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a snapshot to every target now.")

        @OptionGroup var socket: Socket

        func run() throws { try socket.runJob("backup.snapshot") }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a folder that keeps backups: another disk, a stick, a mounted share.")

        @Argument(help: "A name for people.") var name: String
        @Argument(help: "Full path of the folder; it must be there.") var place: String
        @OptionGroup var socket: Socket

        func run() throws {
            let body = try JSONSerialization.data(
                withJSONObject: ["name": name, "kind": "folder", "place": place])
            let answer = try socket.ask(
                "POST", "/api/v1/backups/targets", body: String(decoding: body, as: UTF8.self))
            print(socket.json ? answer.text : "added as \(answer["id"] ?? "")")
            try socket.remark(onAdded: answer)
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a target off the list; what it keeps stays there.")

        @Argument(help: "Its id, as `sluicectl backup status` lists it.") var id: String
        @OptionGroup var socket: Socket

        func validate() throws { try requireTargetID(id) }

        func run() throws {
            let answer = try socket.ask(
                "POST", "/api/v1/backups/targets/\(id)/removal", body: "{}")
            print(socket.json ? answer.text : "\(answer["name"] ?? id) is off the list.")
        }
    }
}

struct DrillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill",
        abstract: "Restore the newest backup beside the books now and compare every table.")

    @OptionGroup var socket: Socket

    func run() throws { try socket.runJob("backup.drill") }
}

private let noRecoveryKey =
    "only this box opens its backups: make a recovery key with `sluicectl key add recovery`"

/// What else is to be said of a target, besides whether it is reached.
private func remarks(on target: Answer) -> [String] {
    var lines: [String] = []
    if let damage = target["damage"] {
        lines.append("since \(target["damageSince"] ?? "-"): \(damage)")
    }
    if target.isTrue("sameDisk") {
        lines.append("on the same disk as the books: what takes one away takes both")
    }
    if let again = target["snapshotAgainAt"] {
        lines.append(
            "no snapshot in \(target["snapshotTries"] ?? "some") tries; the next is at \(again), "
                + "and `sluicectl backup run` tries at once")
    }
    for part in target.list("olderKeys") {
        let read = part["verifiedAt"].map { "read \($0)" } ?? "not read yet"
        lines.append("key epoch \(part["keyEpoch"] ?? ""): \(read), its seals not opened")
    }
    return lines
}

extension Socket {
    /// Seconds that no job at all may run before a run counts as one that cannot begin or end: the
    /// daemon tries again each minute.
    private static let patience = 150

    /// Says what makes a target that was added worth less than it seems.
    func remark(onAdded target: Answer) throws {
        for line in remarks(on: target) { complain(line) }
        let state = try ask("GET", "/api/v1/backups")
        if state.texts("concerns").contains("no_recovery_key") { complain(noRecoveryKey) }
    }

    /// Asks for a run of a job and waits for its end; exit code 1 when it failed, 2 when the daemon
    /// cannot begin it or write down how it ended.
    func runJob(_ name: String) throws {
        let before = try jobs().first { $0["name"] == name }?["lastStart"]
        _ = try ask("POST", "/api/v1/jobs/\(name)/run", body: "{}")
        var shown = ""
        var idle = ContinuousClock.now
        while true {
            Thread.sleep(forTimeInterval: 0.3)
            let jobs = try jobs()
            guard let state = jobs.first(where: { $0["name"] == name }) else { throw ExitCode(2) }
            if let percent = state["percent"], percent != shown {
                shown = percent
                complain("\(percent) %")
            }
            guard let result = state["lastResult"], state["lastStart"] != before else {
                if jobs.contains(where: { $0.isTrue("running") }) { idle = .now }
                guard ContinuousClock.now - idle < .seconds(Self.patience) else {
                    complain(
                        "\(name) has not run for \(Self.patience) seconds; the log says why, such as a "
                            + "full disk: journalctl -u sluiced. It stays asked for.")
                    throw ExitCode(2)
                }
                continue
            }
            print(json ? state.json : "\(result): \(state["lastNote"] ?? "")")
            guard result != "done" else { return }
            if !json, name.hasPrefix("backup.") { try tellFaults() }
            throw ExitCode(1)
        }
    }

    /// What is wrong with which target, in the words of whoever tried.
    private func tellFaults() throws {
        for target in try ask("GET", "/api/v1/backups").list("targets") {
            if let damage = target["damage"] { complain("\(target["name"] ?? ""): \(damage)") }
            guard let fault = target["fault"] else { continue }
            complain("\(target["name"] ?? ""): \(target["faultWords"] ?? "") [\(fault)]")
            if let advice = advice(fault) { complain(advice) }
        }
    }

    private func jobs() throws -> [Answer] { try ask("GET", "/api/v1/jobs").list("items") }
}
