// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Clockwork
import Journal
import Kernel
import ModuleKit
import SealedStore
import Secrets
import Web

/// A journal entry on the wire, in lists and in the live stream.
struct EntryView: WireRecord {
    let seq: Int64
    let at: Instant
    let kind: String
    let actor: String
    /// Null for whoever may not read the names of people.
    var actorName: String?
    let subject: String
    let facts: JSON
    let hash: String

    init(_ entry: JournalEntry) throws {
        seq = entry.seq
        at = entry.at
        kind = entry.kind
        actor = entry.actor
        actorName = entry.actorName
        subject = entry.subject
        facts = try JSON(reading: Array(entry.facts.utf8))
        hash = Digest.hex(entry.hash)
    }

    /// The same without the name of who did it.
    var masked: EntryView {
        var view = self
        view.actorName = nil
        return view
    }
}

struct JobView: WireRecord {
    let name: String
    let sentence: String
    let cadence: String
    let running: Bool
    /// How much of the running job is done; null when it does not run or does not tell.
    let percent: Int?
    let lastStart: Instant?
    let lastEnd: Instant?
    /// `done`, `failed`, or null before the first run and while one is under way.
    let lastResult: String?
    let lastNote: String
    let next: Instant?

    init(_ job: Job, _ state: JobState?, running: Bool, percent: Int?) {
        name = job.name
        sentence = job.sentence
        cadence = job.cadence.description
        self.running = running
        self.percent = percent
        lastStart = state?.lastStart
        lastEnd = state?.lastEnd
        lastResult = state?.succeeded.map { $0 ? "done" : "failed" }
        lastNote = state?.lastNote ?? ""
        next = state?.next
    }
}

struct CheckView: Codable, Sendable {
    let name: String
    let rows: Int64
    let ok: Bool
    /// What the first difference is; null when there is none.
    let difference: String?
}

struct VerificationView: WireRecord {
    let ok: Bool
    let checks: [CheckView]
}
