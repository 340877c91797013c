// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import ArgumentParser

/// The command line: asks the daemon over its control socket, as root or as the daemon's own user.
@main
struct Sluicectl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sluicectl",
        abstract: "Look after a box of Sluice.",
        discussion: """
            Exit codes: 0 done, 1 the answer is no (a check failed), 2 the daemon refused, \
            3 the daemon does not answer, 64 the command is not understood.
            """,
        version: sluiceVersion,
        subcommands: [
            Status.self, Verify.self, Demo.self, Jobs.self, Journal.self, Errands.self, API.self,
            Keys.self, AcceptRollback.self, BackupCommand.self, RestoreCommand.self,
            DrillCommand.self, UserCommand.self, CertificateCommand.self, AuditCommand.self,
        ])

    /// Before any command can ask for a secret, the kernel is told that no core may hold it.
    static func main() {
        Lifeline.forbidDumps()
        main(nil)
    }
}

/// Where the daemon listens for commands.
struct Socket: ParsableArguments {
    @Option(help: "Path of the daemon's control socket.")
    var socket = "/var/lib/sluice/control.sock"

    @Flag(help: "Print the daemon's JSON as it is.")
    var json = false

    /// Sends a request and returns the answer; ends the program when there is none or it is a no.
    func ask(_ method: String, _ target: String, body: String? = nil) throws -> Answer {
        let raw: ControlAnswer
        do {
            raw = try ControlClient(path: socket).send(method, target, body: body)
        } catch {
            complain("\(error)")
            throw ExitCode(3)
        }
        let answer = try Answer(raw)
        guard raw.status < 400 else {
            let problem = answer["title"] ?? "The daemon refused (\(raw.status))."
            complain("\(answer.filled(problem)) [\(answer["code"] ?? "")]")
            if let detail = answer["detail"], !detail.isEmpty { complain(answer.filled(detail)) }
            if let advice = advice(answer["code"] ?? "") { complain(answer.filled(advice)) }
            throw ExitCode(2)
        }
        return answer
    }

    /// What a person can do about a refusal, in the words of the screens; nil when there are none.
    func advice(_ code: String) -> String? {
        let raw = try? ControlClient(path: socket).send("GET", "/ui/locales/en.problems.json")
        return raw.flatMap { $0.status == 200 ? try? Answer($0) : nil }?["problem.\(code).fix"]
    }
}
