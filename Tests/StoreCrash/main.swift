// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import SealedStore

// Writes numbers into a store from several threads and prints each one after it was acknowledged.
// A test kills this program at any moment and looks whether the store still holds all of them.
//
// Arguments: folder, key file, threads, how often the log is copied back (usual or eager), and a folder for captured commits if
// there is one; then each line also has the time of the acknowledgement in microseconds. The first line is "ready".

let words = CommandLine.arguments
guard words.count == 5 || words.count == 6, let threads = Int64(words[3]) else {
    FileHandle.standardError.write(
        Data("usage: store-crash FOLDER KEYFILE THREADS PACE [SPOOL]\n".utf8))
    exit(64)
}

let schema = RoomSchema(
    room: "crash", prefix: "crash",
    migrations: [
        Migration(
            1, "numbers",
            """
            CREATE TABLE crash_number (
                id INTEGER PRIMARY KEY, thread INTEGER NOT NULL, number INTEGER NOT NULL,
                filling BLOB NOT NULL, UNIQUE (thread, number)
            ) STRICT;
            CREATE TABLE crash_total (
                thread INTEGER PRIMARY KEY, numbers INTEGER NOT NULL
            ) STRICT;
            """)
    ])

do {
    let key = try KeyFile.open(at: words[2]).unlock(with: .file(words[2] + ".secret"))
    let spool = words.count == 6 ? words[5] : nil
    let store = try SealedStore.open(
        folder: words[1], key: key, schemas: [schema],
        clock: { Instant(microseconds: microseconds()) },
        pace: words[4] == "eager" ? .eager : .usual,
        backup: spool.map { BackupPlan(spool: $0, keyFile: words[2]) })
    if spool != nil { try store.beginCapture() }
    store.onFence { _ in exit(70) }
    say("ready")
    for thread in 0..<threads {
        Thread { writeNumbers(store, thread, timed: spool != nil) }.start()
    }
    while true { sleep(60) }
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
