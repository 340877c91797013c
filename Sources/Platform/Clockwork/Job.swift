// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel
package import SealedStore

/// Something the box does by itself at its time.
package struct Job: Sendable {
    /// `inventory.verify`: the room and a verb.
    package let name: String
    /// One English sentence for the screen and the command line; the screens translate by name.
    package let sentence: String
    package let cadence: Cadence
    package let lane: Lane
    /// Does the work and returns one line about what it did. Opens its own short transactions.
    package let run: @Sendable (JobContext) throws -> String

    package init(
        _ name: String, _ sentence: String, _ cadence: Cadence, lane: Lane = .common,
        run: @escaping @Sendable (JobContext) throws -> String
    ) {
        self.name = name
        self.sentence = sentence
        self.cadence = cadence
        self.lane = lane
        self.run = run
    }
}

/// Jobs of one lane run one after the other; a lane does not wait for another one.
package enum Lane: Sendable, CaseIterable {
    /// Everything that may wait until the job before it is done.
    case common
    /// What brings work to safety, and must not wait behind a check that takes an hour.
    case shipping
}

/// When a job is due. A time missed while the box was off is caught up once.
package enum Cadence: Hashable, Sendable, CustomStringConvertible {
    case every(seconds: Int)
    /// At a time of the day of the site.
    case daily(hour: Int, minute: Int)

    package static func every(minutes: Int) -> Cadence { .every(seconds: minutes * 60) }

    package var description: String {
        switch self {
        case .every(let seconds) where seconds % 60 == 0: "every \(seconds / 60) min"
        case .every(let seconds): "every \(seconds) s"
        case .daily(let hour, let minute): "daily \(twoDigits(hour)):\(twoDigits(minute))"
        }
    }

    /// Whether it is due at a time of the day.
    var isDaily: Bool { if case .daily = self { true } else { false } }

    /// The first due time after `instant`.
    package func next(after instant: Instant, in zone: SiteZone) throws -> Instant {
        switch self {
        case .every(let seconds):
            return try instant.adding(seconds: Int64(seconds))
        case .daily(let hour, let minute):
            let offset = Int64(hour * 3600 + minute * 60)
            let day = zone.day(of: instant)
            let today = try zone.start(of: day).adding(seconds: offset)
            if today > instant { return today }
            return try zone.start(of: day.adding(days: 1)).adding(seconds: offset)
        }
    }

    private func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// What a job is given: it reaches for nothing else.
package struct JobContext: Sendable {
    package let store: SealedStore
    package let zone: SiteZone
    /// Who acts: `system:job`.
    package let caller: Caller
    /// Whether somebody asked for this run, and not the timetable.
    package let isAsked: Bool
    /// Tells how much of the work is done, in percent.
    package let report: @Sendable (Int) -> Void
}

/// A job with the record of its runs.
package struct JobState: Sendable, Equatable {
    package let name: String
    package let lastStart: Instant?
    package let lastEnd: Instant?
    /// Whether the last run ended well; nil before the first.
    package let succeeded: Bool?
    package let lastNote: String
    package let next: Instant
    /// Runs that were begun since the last one that ended: the one under way, and those that a kill
    /// or a stop cut off.
    package let openRuns: Int
}
