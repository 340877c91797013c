// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// Thresholds of what is told to an administrator. A person who mistypes a password, or an hour of
/// ordinary work, stays below; a guessing program or a copy of the whole catalogue does not.
enum WatchLimit {
    /// Seconds over which failures, refusals and exports are counted.
    static let windowSeconds: Int64 = 3600
    /// Failed sign-ins at one account within the window.
    static let failuresOfAccount: Int64 = 10
    /// Failed sign-ins from one address within the window: a whole office may stand behind one.
    static let failuresOfAddress: Int64 = 20
    /// Refused requests of one caller within the window.
    static let refusals: Int64 = 30
    /// Pages that one person made files of within the window: 200 rows each.
    static let exportPages: Int64 = 50
    /// Seconds over which changes are counted.
    static let changeSeconds: Int64 = 600
    /// Changes of records by one person: more than one in three seconds, for ten minutes.
    static let changes: Int64 = 200
    /// Hours of the site's day in which nobody is expected to administer the box: from, until.
    static let night: (from: Int, until: Int) = (22, 6)
    /// Days that an address is remembered for.
    static let addressDays: Int64 = 90
    /// Seconds that the clock may be behind the newest entry.
    static let clockSeconds: Int64 = 120
    /// Entries of one kind looked at in one round.
    static let entries = 5000
    /// Rows of the journal in one export: about 8 MiB.
    static let exportRows = 20_000
    /// Anchors that can be compared at once.
    static let anchors = 32
}
