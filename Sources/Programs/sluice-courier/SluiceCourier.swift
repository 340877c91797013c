// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import ArgumentParser
import Carriage
import Errands
import Glibc

/// The courier: the only program of Sluice that connects to anybody. It has no keys and no
/// database; it takes errands from the daemon, or from standard input, and reports on each.
@main
struct SluiceCourier: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sluice-courier",
        abstract: "Carries out errands for the daemon of Sluice.",
        discussion: """
            Exit codes: 0 stopped, or all errands done; 1 an errand was not done; 2 another \
            courier took over; 64 the command is not understood.
            """,
        version: errandsVersion)

    @Option(help: "Take errands from the daemon that listens on this socket, until stopped.")
    var socket: String?

    @Flag(help: "Read errands as lines of JSON from standard input and end with them.")
    var once = false

    @Option(help: "Folder below which files may be read and written; may be given several times.")
    var folder: [String] = []

    @Option(help: "File with the certificates of authorities that are trusted.")
    var certificates = CarriageSettings.debianCertificates

    func validate() throws {
        guard once != (socket != nil) else {
            throw ValidationError("Give either --once or --socket PATH.")
        }
    }

    func run() throws {
        // Files for others are for the group alone, and nothing is for anybody else.
        umask(0o027)
        // A peer that closes early is an error of that transfer, not the end of the program.
        signal(SIGPIPE, SIG_IGN)
        let settings = CarriageSettings(certificates: certificates, folders: folder)
        if let socket {
            holdSignals()
            let round = Round(socket: socket, settings: settings)
            round.start()
            let end = waitForSignal()
            round.stop()
            // At once: transfers under way must not meet libraries that tidy up behind them.
            _exit(end == .replaced ? 2 : 0)
        } else if !carryOutLines(settings) {
            throw ExitCode(1)
        }
    }
}
