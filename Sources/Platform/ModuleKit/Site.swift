// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel
package import SealedStore
import Synchronization

/// The company's place: its name, and the time zone in which its days begin and end.
package struct Site: Sendable, Equatable {
    package let name: String
    package let timeZone: String
    /// Whether these are practice books, in which nothing is real.
    package let isPractice: Bool

    package init(name: String, timeZone: String, isPractice: Bool = false) {
        self.name = name
        self.timeZone = timeZone
        self.isPractice = isPractice
    }
}

extension ReadTransaction {
    /// The site; nil until it is set up.
    package func site() throws -> Site? {
        try remembered(siteMemo, 1) {
            try first("SELECT name, time_zone, practice FROM kit_site", []) {
                Site(name: $0.text(0), timeZone: $0.text(1), isPractice: $0.int64(2) == 1)
            }
        }
    }

    /// The zone of the site, UTC until it is set up.
    package func siteZone() throws -> SiteZone {
        try site().map { try ZoneCache.zone($0.timeZone) } ?? .utc
    }

    /// The business day in which this transaction happens.
    package func today() throws -> BusinessDay {
        try ZoneCache.day(of: now, in: try siteZone())
    }
}

private let siteMemo = Memo<Int, Site>(of: "kit_site")

extension WriteTransaction {
    /// Keeps the site. Refuses a time zone that the box does not know.
    package func setSite(_ site: Site) throws {
        _ = try ZoneCache.zone(site.timeZone)
        try run(
            """
            INSERT INTO kit_site (id, name, time_zone, practice) VALUES (1, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name,
                time_zone = excluded.time_zone, practice = excluded.practice
            """, [site.name, site.timeZone, site.isPractice])
    }
}

/// Zones by identifier, and the day that it is in each: making a zone reads its file, and asking it
/// for a day walks through its rules, both too slow for each scan.
private enum ZoneCache {
    private struct Known {
        let zone: SiteZone
        var day: BusinessDay
        var hours: Range<Instant>
    }

    private static let zones = Mutex<[String: Known]>([:])

    static func zone(_ identifier: String) throws -> SiteZone {
        if let known = zones.withLock({ $0[identifier] }) { return known.zone }
        let zone = try SiteZone(identifier: identifier)
        let nowhere = Instant(microseconds: 0)
        zones.withLock {
            $0[identifier] = Known(
                zone: zone, day: zone.day(of: nowhere), hours: nowhere..<nowhere)
        }
        return zone
    }

    static func day(of instant: Instant, in zone: SiteZone) throws -> BusinessDay {
        if let known = zones.withLock({ $0[zone.identifier] }), known.hours.contains(instant) {
            return known.day
        }
        let day = zone.day(of: instant)
        let (start, end) = (zone.start(of: day), zone.start(of: try day.adding(days: 1)))
        if start <= instant, instant < end {
            zones.withLock {
                $0[zone.identifier]?.day = day
                $0[zone.identifier]?.hours = start..<end
            }
        }
        return day
    }
}
