// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// Kinds of entries that the rules look at.
enum Watched {
    static let failures: Set = ["access.sign_in_refused", "access.proof_refused"]
    static let signIn = "access.signed_in"
    static let refused = "audit.request_refused"
    static let exports: Set = ["audit.list_exported", "audit.journal_exported"]
    static let recovered: Set = [
        "access.rescued", "access.factors_reset", "access.recovery_used", "access.counter_back",
    ]
    static let raised: Set = ["access.granted"]
    /// Rights that could open the house.
    static let sensitive = "sensitive"
    static let returned: Set = [
        "backup.restored", "store.rollback_accepted", "store.key_rotated",
    ]
    static let alarmRaised = "backup.alarm_raised"
    static let alarmCleared = "backup.alarm_cleared"

    static let all =
        failures.union(exports).union(recovered).union(raised).union(returned)
        .union([signIn, refused, alarmRaised, alarmCleared])

    /// Whether entries of this kind change records that a person works on.
    static func isChange(_ kind: String) -> Bool {
        kind.hasPrefix("catalog.") || kind.hasPrefix("stock.") || kind.hasPrefix("access.user_")
            || kind.hasPrefix("backup.target_")
    }
}

/// All thresholds that the entries cross, each with what crossed it.
func crossings(in told: [Told], _ context: WatchContext) -> [Crossing] {
    let fresh = told.filter { $0.seq > context.seen }
    return failures(in: told) + refusals(in: told) + exports(in: told)
        + signIns(in: fresh, context) + single(in: fresh) + changes(context)
        + clockBack(context) + shortened(context)
}

private func failures(in told: [Told]) -> [Crossing] {
    let failed = told.filter { Watched.failures.contains($0.kind) }
    return crowds(failed, .failedSignIns, by: \.subject, WatchLimit.failuresOfAccount)
        + crowds(failed, .failedSignIns, by: \.address, WatchLimit.failuresOfAddress)
}

private func refusals(in told: [Told]) -> [Crossing] {
    let refused = told.filter { $0.kind == Watched.refused }
    return crowds(
        refused, .refusals, by: { $0.actor == "guest" ? $0.address : $0.actor },
        WatchLimit.refusals)
}

private func exports(in told: [Told]) -> [Crossing] {
    crowds(
        told.filter { Watched.exports.contains($0.kind) }, .exports, by: \.actor,
        WatchLimit.exportPages)
}

/// Groups that reach `least` within the window, by their key.
private func crowds(
    _ told: [Told], _ rule: WatchRule, by key: (Told) -> String, _ least: Int64
) -> [Crossing] {
    Dictionary(grouping: told, by: key).filter { !$0.key.isEmpty }.sorted { $0.key < $1.key }
        .compactMap { key, entries in crowd(entries, rule, key, least) }
}

/// The last stretch of the window's length in which the sum reaches `least`.
private func crowd(
    _ entries: [Told], _ rule: WatchRule, _ key: String, _ least: Int64
) -> Crossing? {
    let sorted = entries.sorted { $0.seq < $1.seq }
    var start = 0
    var sum: Int64 = 0
    var found: Crossing?
    for (index, entry) in sorted.enumerated() {
        sum = sum.addingReportingOverflow(max(1, entry.count)).partialValue
        while start < index,
            entry.at.microseconds - sorted[start].at.microseconds
                > WatchLimit.windowSeconds * 1_000_000
        {
            sum -= max(1, sorted[start].count)
            start += 1
        }
        guard sum >= least else { continue }
        found = Crossing(
            rule: rule, key: key, actor: entry.actor, actorName: entry.actorName,
            address: entry.address, firstSeq: sorted[start].seq, lastSeq: entry.seq, count: sum,
            at: entry.at)
    }
    return found
}

private func signIns(in told: [Told], _ context: WatchContext) -> [Crossing] {
    var known = context.knownAddresses
    var found: [Crossing] = []
    for entry in told.sorted(by: { $0.seq < $1.seq })
    where entry.kind == Watched.signIn && context.administrators.contains(entry.actor) {
        if let addresses = known[entry.actor], !addresses.isEmpty,
            !addresses.contains(entry.address)
        {
            found.append(Crossing(.newAddress, "\(entry.actor) \(entry.address)", entry))
        }
        known[entry.actor, default: []].insert(entry.address)
        if isNight(entry.at, in: context.zone) {
            let day = context.zone.day(of: entry.at)
            found.append(Crossing(.unusualHour, "\(entry.actor) \(day)", entry))
        }
    }
    return found
}

/// Whether nobody is expected to be at work.
func isNight(_ instant: Instant, in zone: SiteZone) -> Bool {
    let start = zone.start(of: zone.day(of: instant))
    let hour = (instant.microseconds - start.microseconds) / 3_600_000_000
    return hour >= Int64(WatchLimit.night.from) || hour < Int64(WatchLimit.night.until)
}

/// What is news by itself.
private func single(in told: [Told]) -> [Crossing] {
    let ended = Dictionary(
        told.filter { $0.kind == Watched.alarmCleared }.map { ($0.detail, $0.seq) },
        uniquingKeysWith: max)
    return told.compactMap { entry in
        switch entry.kind {
        case Watched.alarmRaised:
            (ended[entry.detail] ?? 0) > entry.seq
                ? nil : Crossing(.backupAlarm, entry.detail, entry)
        case let kind where Watched.recovered.contains(kind):
            Crossing(.accountRecovered, entry.subject, entry)
        case let kind where Watched.returned.contains(kind):
            Crossing(.booksReturned, kind, entry)
        case let kind where Watched.raised.contains(kind):
            entry.detail == Watched.sensitive ? Crossing(.rightsRaised, entry.subject, entry) : nil
        default: nil
        }
    }
}

private func changes(_ context: WatchContext) -> [Crossing] {
    guard let head = context.head else { return [] }
    return context.changes.filter { $0.value >= WatchLimit.changes && $0.key.hasPrefix("usr-") }
        .sorted { $0.key < $1.key }
        .map { actor, count in
            Crossing(
                rule: .changes, key: actor, actor: actor, firstSeq: head.seq, lastSeq: head.seq,
                count: count, at: head.at)
        }
}

private func clockBack(_ context: WatchContext) -> [Crossing] {
    guard let head = context.head,
        head.at.microseconds - context.now.microseconds > WatchLimit.clockSeconds * 1_000_000
    else { return [] }
    return [
        Crossing(
            rule: .clockBack, key: "clock", firstSeq: head.seq, lastSeq: head.seq, at: context.now)
    ]
}

/// An earlier look came further than the journal reaches now.
private func shortened(_ context: WatchContext) -> [Crossing] {
    let head = context.head?.seq ?? 0
    guard context.seen > head else { return [] }
    return [
        Crossing(
            rule: .journalBroken, key: "cut \(head)", firstSeq: head + 1, lastSeq: context.seen,
            at: context.now)
    ]
}

extension Crossing {
    fileprivate init(_ rule: WatchRule, _ key: String, _ told: Told) {
        self.init(
            rule: rule, key: key, actor: told.actor, actorName: told.actorName,
            address: told.address, firstSeq: told.seq, lastSeq: told.seq, at: told.at)
    }
}
