// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc

// Breaks the disk below a sealed store in every way and says what became of the store. It is a
// program of its own because SQLite's file layer and memory are set once in a process.
//
// Arguments: what to do (states, lives, rotations, restores, spool, spool-trouble, broken, full,
// memory), seed, and how many states or lives, or every how many points one is tried; then, for a disk that only
// pretends to flush, what: files or folders. A line that begins with BAD tells what was bad and how to
// see it again; the last line begins with "result".

let words = CommandLine.arguments
let lie = words.count == 5 ? TestDisk.Lie(rawValue: words[4]) : nil
guard words.count == (lie == nil ? 4 : 5), let seed = UInt64(words[2]), let count = Int(words[3]),
    count > 0
else {
    FileHandle.standardError.write(
        Data(
            ("usage: store-fault states|lives|rotations|restores|spool|spool-trouble|broken|full|memory"
                + " SEED COUNT [files|folders]\n")
                .utf8))
    exit(64)
}
// Memory, when there is such a folder: the power cuts are computed, so nothing need be flushed.
let place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
let folder = "\(place)/sluice-fault-\(getpid())"
try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
TestDisk.install()
TestMemory.install()
Overseer.install()
if let lie { TestDisk.lie(lie) }
var bad = 0
switch words[1] {
case "states":
    var run = StateRun(folder: folder, seed: seed, wanted: count)
    try run.run()
    bad = run.bad
    say("result states=\(run.seen.count) recoveries=\(run.nested) bad=\(bad)")
case "lives":
    var run = LifeRun(folder: folder, seed: seed, wanted: count)
    try run.run()
    bad = run.bad
    say("result lives=\(run.lives) bad=\(bad)")
case "rotations":
    var run = RotationRun(folder: folder, seed: seed, wanted: count)
    try run.run()
    bad = run.bad
    say(
        "result states=\(run.seen.count) settlings=\(run.nested) old=\(run.epochs[0])"
            + " new=\(run.epochs[1]) bad=\(bad)")
case "restores":
    var run = RestoreRun(folder: folder, seed: seed, wanted: count)
    try run.run()
    bad = run.bad
    say(
        "result states=\(run.seen.count) again=\(run.nested) old=\(run.outcomes[0])"
            + " undecided=\(run.outcomes[1]) kept=\(run.outcomes[2]) bad=\(bad)")
case "spool":
    var run = SpoolRun(folder: folder, seed: seed, wanted: count)
    try run.run()
    bad = run.bad
    say("result states=\(run.seen.count) gaps=\(run.gaps) lists=\(run.lists) bad=\(bad)")
case "spool-trouble":
    var run = SpoolTrouble(folder: folder, seed: seed, step: count)
    try run.run()
    bad = run.bad
    say(
        "result points=\(run.points) failures=\(run.failures) fences=\(run.fences)"
            + " gaps=\(run.gaps) bad=\(bad)")
case "broken", "full", "memory":
    guard let kind = Trouble.Kind(rawValue: words[1]) else { exit(64) }
    var run = TroubleRun(folder: folder, seed: seed, step: count)
    try run.run(kind)
    bad = run.bad
    let took = run.slowest.components
    let slowest = took.seconds * 1_000_000 + took.attoseconds / 1_000_000_000_000
    say(
        "result points=\(run.points) failures=\(run.hits) fences=\(run.fences) calls=\(Overseer.calls)"
            + " slowest_us=\(slowest) own_us=\(run.slowestOwn / 1000) bad=\(bad)")
default: exit(64)
}
if bad == 0 || lie != nil { try FileManager.default.removeItem(atPath: folder) }
exit(bad == 0 ? 0 : 1)
