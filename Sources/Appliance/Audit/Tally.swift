// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// What is summed up: one line of the journal for each, however often it comes within a minute.
struct Sighting: Hashable, Sendable {
    enum Kind: Hashable, Sendable { case refused, read, exported }

    let kind: Kind
    let actor: Actor
    let actorName: String
    let origin: Origin
    /// Code of the refusal; empty for what was answered.
    let code: String
}

/// A sum that is to be told.
struct Summed: Sendable, Equatable {
    let sighting: Sighting
    let count: Int64
    let since: Instant
    /// Where the last one led, with its query.
    let path: String
}

/// Sums up what leaves no other trace, within limits that nobody's requests can raise.
///
/// The first of its kind is told at once, the rest of its minute at the end of it. Tables and the
/// rows that go to the journal are bounded; what is beyond is summed up without its particulars.
struct Tally {
    /// Seconds that one sum covers.
    static let windowSeconds: Int64 = 60
    /// Sums that are kept apart: a house full of people, and some strangers.
    static let sumsMost = 512
    /// Rows an hour that refusals may take in the journal: a megabyte a week at most, if somebody
    /// tries for the whole of it.
    static let refusedPerHour: Int64 = 120
    /// Rows an hour that reading and exporting may take: by people who are signed in.
    static let readPerHour: Int64 = 1200
    /// Characters of a path that are kept.
    static let pathLength = 200

    fileprivate struct Sum {
        var count: Int64
        var since: Instant
        var path: String
        /// When it was last told; nil when it was not.
        var toldAt: Instant?
    }

    private struct Allowance {
        let perHour: Int64
        var left: Int64
        var at: Instant?

        init(_ perHour: Int64) {
            self.perHour = perHour
            left = perHour
        }

        mutating func take(at now: Instant) -> Bool {
            let since = at ?? now
            let gained = max(0, now.microseconds - since.microseconds) / 3_600_000_000
            let isFirst = at == nil
            if isFirst || gained > 0 { at = now }
            if gained > 0 { left = perHour }
            guard left > 0 else { return false }
            left -= 1
            return true
        }
    }

    private var sums: [Sighting: Sum] = [:]
    private var refused = Allowance(refusedPerHour)
    private var read = Allowance(readPerHour)

    /// Counts one. Returns whether something is to be told soon that was not before.
    mutating func add(_ sighting: Sighting, path: String, at now: Instant) -> Bool {
        let key = sums[sighting] != nil || sums.count < Self.sumsMost ? sighting : .other(sighting)
        let cut = String(path.prefix(Self.pathLength))
        guard var sum = sums[key] else {
            sums[key] = Sum(count: 1, since: now, path: cut)
            return true
        }
        if sum.count == 0 { sum.since = now }
        sum.count += 1
        sum.path = cut
        sums[key] = sum
        return sum.toldAt == nil
    }

    /// Whether anything waits to be told or forgotten.
    var isEmpty: Bool { sums.isEmpty }

    /// What is to be told now, and is taken out.
    ///
    /// - Parameter all: also what waits for the end of its minute, as when the house is closed.
    mutating func take(at now: Instant, all: Bool = false) -> [Summed] {
        var due: [Summed] = []
        var rest: [Sighting: Sum] = [:]
        let waiting = sums.sorted { $0.value.since < $1.value.since }
        // What may not be told apart goes into the sum of its kind, which is looked at afterwards.
        var beyond = sums.filter { $0.key == .other($0.key) }
        for (sighting, sum) in waiting where sighting != .other(sighting) {
            guard all || isOver(sum, at: now) else {
                rest[sighting] = sum
                continue
            }
            if sum.count == 0 { continue }
            guard mayTell(sighting, at: now) else {
                var other =
                    beyond[.other(sighting)] ?? Sum(count: 0, since: sum.since, path: "")
                if other.count == 0 { other.since = sum.since }
                other.count += sum.count
                beyond[.other(sighting)] = other
                continue
            }
            due.append(Summed(sighting, sum))
            rest[sighting] = Sum(count: 0, since: now, path: "", toldAt: now)
        }
        for (sighting, sum) in beyond {
            let isTold = all || isOver(sum, at: now) && sum.count > 0 && mayTell(sighting, at: now)
            if isTold, sum.count > 0 {
                due.append(Summed(sighting, sum))
                rest[sighting] = Sum(count: 0, since: now, path: "", toldAt: now)
            } else if sum.count > 0 || !isOver(sum, at: now) {
                rest[sighting] = sum
            }
        }
        sums = rest
        return due
    }

    private func isOver(_ sum: Sum, at now: Instant) -> Bool {
        guard let told = sum.toldAt else { return true }
        return now.microseconds - told.microseconds >= Self.windowSeconds * 1_000_000
    }

    private mutating func mayTell(_ sighting: Sighting, at now: Instant) -> Bool {
        sighting.kind == .refused ? refused.take(at: now) : read.take(at: now)
    }
}

extension Sighting {
    /// The sum of everything of this kind that is not told apart.
    static func other(_ sighting: Sighting) -> Sighting {
        Sighting(
            kind: sighting.kind, actor: .guest, actorName: "others",
            origin: Origin(address: "", credential: "none", route: ""), code: "")
    }
}

extension Summed {
    fileprivate init(_ sighting: Sighting, _ sum: Tally.Sum) {
        self.init(sighting: sighting, count: sum.count, since: sum.since, path: sum.path)
    }
}
