// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import ArgumentParser
import Kernel
import SealedStore

struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Bring the books back from a backup.",
        discussion: """
            Stop the daemon first. Everything is checked before anything is changed; the old books \
            are kept beside until `sluicectl restore --commit`, and `--abandon` goes back to them. \
            On a new box, and where nothing opens the key without a person, the recovery key is \
            asked for, or read from standard input.

            FROM is a folder, or an address as the backup screen shows it:
              's3://bucket/box?endpoint=https://s3.example.org&region=eu-central-1'
              sftp://user@host:22/box
            No daemon is needed for that either: a courier is started for the time of the restore. \
            The secret of the target is asked for first, or read from --secret-file or --ssh-key-file.
            """)

    @Option(help: "Folder in which the backup lies, or s3://… or sftp://….")
    var from: String?

    @Option(help: "Epoch of the key whose backup is wanted; without it, the newest.")
    var epoch: UInt32?

    @Option(help: "latest, a time such as 2026-11-28T09:30:00Z, or the number of a commit.")
    var to = "latest"

    @Option(help: "Folder of all data.")
    var data = "/var/lib/sluice"

    @Option(help: "Folder of captured commits that the backup may lack, such as on another disk.")
    var spool: String?

    @Option(help: "A 32-byte key file that opens the key, instead of the recovery key.")
    var keyFile: String?

    @OptionGroup var access: TargetAccess

    @Option(help: "Path of the program sluice-courier, for addresses.")
    var courier: String?

    @Flag(help: "Check everything, restore to a scratch folder, change nothing.")
    var dryRun = false

    @Flag(help: "Keep the last restore and let the old books go.")
    var commit = false

    @Flag(help: "Take the last restore back.")
    var abandon = false

    func validate() throws {
        let asked = [from != nil, commit, abandon].filter { $0 }.count
        guard asked == 1 else {
            throw ValidationError("One of --from PLACE, --commit and --abandon is needed.")
        }
        _ = try goal()
    }

    func run() throws {
        do {
            if commit {
                try commitRestore(data: data)
                return print("The old books are gone; the restored ones stay.")
            }
            if abandon {
                try abandonRestore(data: data, opener: { try opener() }, say: complain)
                return print("Back to the old books.")
            }
            try restore()
        } catch StoreFault.inUse {
            complain(
                "The daemon runs on these books. Stop it first: systemctl stop sluiced. "
                    + "(Or another restore is under way here.)")
            throw ExitCode(2)
        } catch let fault as RestoreFault where fault.isAfterTheChange {
            complain("\(fault)")
            throw ExitCode(1)
        } catch let error where !(error is ExitCode) {
            complain("Nothing was changed: \(backupWords(for: error))")
            throw ExitCode(1)
        }
    }

    private func restore() throws {
        let opener = opener
        let from = from ?? ""
        let outcome = try restoreBackup(
            RestoreRequest(
                data: data, from: from, target: try access.backup(at: from, courier: courier),
                epoch: epoch, goal: try goal(),
                spool: spool, isRehearsal: dryRun,
                opener: { try opener() }, say: complain))
        print("commit \(outcome.commit), captured \(outcome.at), key epoch \(outcome.epoch)")
        if dryRun {
            print("This was a rehearsal; nothing was changed.")
        } else if outcome.keepsOld {
            print("The old books are kept: sluicectl restore --commit, or --abandon.")
        }
    }

    /// What a person opens the key with.
    private var opener: @Sendable () throws -> KeyFile.Opener {
        let keyFile = keyFile
        return { try keyFile.map { .file($0) } ?? .recovery(askForKey()) }
    }

    private func goal() throws -> RestoreGoal {
        if to == "latest" { return .latest }
        if let number = Int64(to), number >= 0 { return .commit(number) }
        guard let time = try? Instant(rfc3339: to) else {
            throw ValidationError("--to wants latest, a time with its zone, or a commit's number.")
        }
        return .time(time)
    }
}

/// Reads the recovery key from standard input; what a person types does not appear on the screen.
private func askForKey() throws -> String {
    try Asking.line("Recovery key, 14 groups of four characters: ", hidden: true)
}
