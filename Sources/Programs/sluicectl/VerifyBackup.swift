// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import ArgumentParser
import SealedStore
import Synchronization

struct VerifyBackup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Read every byte of every backup now and check it.",
        discussion: """
            Without options the daemon reads all its targets with the key that it has. What keys \
            before a rotation sealed is compared with its list only, and that is said: the daemon \
            has no key for it.

            With --from and --with one place is read here, with the key of a person and without the \
            daemon, every page opened. FROM is written as for `sluicectl restore`.
            """)

    @Option(help: "Folder in which the backup lies, or s3://… or sftp://…; needs --with.")
    var from: String?

    @Option(help: "Path of the program sluice-courier, for addresses.")
    var courier: String?

    @OptionGroup var present: Keys.Present
    @OptionGroup var access: TargetAccess
    @OptionGroup var socket: Socket

    func validate() throws {
        guard (from == nil) == (present.with == nil) else {
            throw ValidationError(
                "--from PLACE and --with recovery belong together: the daemon never gets that key.")
        }
    }

    func run() throws {
        guard let from else { return try socket.runJob("backup.verify") }
        do {
            let target = try access.backup(at: from, courier: courier) ?? FolderTarget(from)
            guard let opener = try present.opener() else { return }
            let tenths = Tenths()
            let findings = try readBackup(target, with: opener) { tenths.show($0) }
            for finding in findings { print(finding.description) }
            guard findings.allSatisfy({ $0.fault == nil }) else { throw ExitCode(1) }
        } catch let error where !(error is ExitCode) {
            complain(backupWords(for: error))
            throw ExitCode(1)
        }
    }
}

/// Says each further tenth of the work.
private final class Tenths: Sendable {
    private let last = Mutex(0)

    func show(_ percent: Int) {
        let tenth = percent / 10
        let isNew = last.withLock { last in
            defer { last = tenth }
            return tenth != last && tenth > 0
        }
        if isNew { complain("\(tenth * 10) %") }
    }
}
