// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import Foundation
import SealedStore

// Restores to a data folder, keeps a restore or takes it back, and kills itself at a step: each change
// of what is in use is one.
//
// Arguments: data folder, restore, commit or abandon, the number of the step (0 for none), and for a
// restore the backup and the commit. The last line of output is the number of steps.

let words = CommandLine.arguments
guard words.count >= 4, let last = Int(words[3]) else {
    FileHandle.standardError.write(
        Data("usage: restore-crash DATA restore|commit|abandon STEP [FROM COMMIT]\n".utf8))
    exit(64)
}
do {
    var steps = 0
    func step() {
        steps += 1
        if steps == last { kill(getpid(), SIGKILL) }
    }
    switch words[2] {
    case "commit": try commitRestore(data: words[1], step: step)
    case "abandon":
        try abandonRestore(data: words[1], opener: { throw KeyFault.wrongKey }, step: step)
    default:
        guard words.count == 6, let commit = Int64(words[5]) else { exit(64) }
        _ = try restoreBackup(
            RestoreRequest(
                data: words[1], from: words[4], goal: .commit(commit),
                opener: { throw KeyFault.wrongKey }, say: { _ in }), step: step)
    }
    print(steps)
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
