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
        try first("SELECT name, time_zone, practice FROM kit_site", []) {
            Site(name: $0.text(0), timeZone: $0.text(1), isPractice: $0.int64(2) == 1)
        }
    }

    /// The zone of the site, UTC until it is set up.
    package func siteZone() throws -> SiteZone {
        try site().map { try ZoneCache.zone($0.timeZone) } ?? .utc
    }

    /// The business day in which this transaction happens.
    package func today() throws -> BusinessDay {
        try siteZone().day(of: now)
    }
}

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

/// Zones by identifier: making one reads the zone's file, too slow for each scan.
private enum ZoneCache {
    private static let zones = Mutex<[String: SiteZone]>([:])

    static func zone(_ identifier: String) throws -> SiteZone {
        if let known = zones.withLock({ $0[identifier] }) { return known }
        let zone = try SiteZone(identifier: identifier)
        zones.withLock { $0[identifier] = zone }
        return zone
    }
}
