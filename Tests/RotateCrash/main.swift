// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import Foundation

// Rotates the key of a data folder, or only settles what an earlier run left, and kills itself at a
// step: each progress that is told and each change of a file is one.
//
// Arguments: data folder, rotate or settle, and the number of the step; 0 for none. The last line of
// output is the number of steps.

let words = CommandLine.arguments
guard words.count == 4, let last = Int(words[3]) else {
    FileHandle.standardError.write(Data("usage: rotate-crash DATA rotate|settle STEP\n".utf8))
    exit(64)
}
do {
    var steps = 0
    func step() {
        steps += 1
        if steps == last { kill(getpid(), SIGKILL) }
    }
    let ring = KeyRing(data: words[1])
    if words[2] == "settle" {
        try ring.settle(step)
    } else {
        _ = try ring.rotate(given: [:], by: "rotate-crash") { _ in step() }
    }
    print(steps)
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
