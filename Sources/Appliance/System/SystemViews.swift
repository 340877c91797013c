// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Clockwork
import Journal
import Kernel
import ModuleKit
import SealedStore
import Secrets
import Web

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
