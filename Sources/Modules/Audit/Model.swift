// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// What is looked for.
package enum WatchRule: String, Sendable, CaseIterable {
    /// Many failed sign-ins at one account or from one address.
    case failedSignIns = "failed_sign_ins"
    /// Somebody was refused again and again.
    case refusals
    /// An administrator signed in from an address that is new for them.
    case newAddress = "new_address"
    /// An administrator signed in at night.
    case unusualHour = "unusual_hour"
    /// Many lists were made files of by one person.
    case exports
    /// One person changed very much in a short time.
    case changes
    /// Somebody became an administrator, or got more rights.
    case rightsRaised = "rights_raised"
    /// A way past a lost factor was used: rescue, reset, recovery code, copied passkey.
    case accountRecovered = "account_recovered"
    case clockBack = "clock_back"
    case backupAlarm = "backup_alarm"
    case journalBroken = "journal_broken"
    /// Older books were brought back, or a new root key was made.
    case booksReturned = "books_returned"
}

/// Something that an administrator should know. It is told once and stays until it is cleared.
package struct Finding: IDNoun, Sendable, Equatable {
    package static let prefix = "fnd"

    package let id: ID<Finding>
    package let rule: WatchRule
    /// What it is about, within its rule: an account, an address, a person and a day.
    let key: String
    let actor: String
    let actorName: String
    let address: String
    let firstSeq: Int64
    let lastSeq: Int64
    let count: Int64
    let raisedAt: Instant
    let lastAt: Instant
    let state: FindingState
    let clearedBy: String?
    let clearedAt: Instant?
    let reason: String?
}

package enum FindingState: String, Sendable, CaseIterable {
    case open, cleared
}

/// A rule whose threshold was crossed.
struct Crossing: Sendable, Equatable {
    let rule: WatchRule
    let key: String
    var actor = ""
    var actorName = ""
    var address = ""
    let firstSeq: Int64
    let lastSeq: Int64
    var count: Int64 = 1
    let at: Instant
}

/// An entry of the journal, as far as the rules look at it.
struct Told: Sendable, Equatable {
    let seq: Int64
    let at: Instant
    let kind: String
    let actor: String
    let actorName: String
    let subject: String
    let address: String
    /// How often it happened; more than one for what is told summed up.
    var count: Int64 = 1
    /// A word in the facts that tells one thing from another: a concern, rights that somebody got.
    var detail = ""
}

/// What the rules must know besides the entries.
struct WatchContext: Sendable {
    let now: Instant
    let zone: SiteZone
    /// `usr-1`, …: those who may change what others may do.
    let administrators: Set<String>
    /// Addresses from which each of them signed in before.
    let knownAddresses: [String: Set<String>]
    /// Changes of records by each actor, within `WatchLimit.changeSeconds`.
    let changes: [String: Int64]
    /// The newest entry.
    let head: (seq: Int64, at: Instant)?
    /// How far an earlier look came.
    let seen: Int64
}
