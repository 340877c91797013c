// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Synchronization

/// How errands are carried. Times are in seconds.
package struct CarriageSettings: Sendable {
    /// The one file with the certificates that are trusted. libcurl over GnuTLS would otherwise
    /// read a whole folder for each connection.
    package var certificates: String
    /// Folders below which the files of errands lie; empty allows any file.
    package var folders: [String]
    /// Until a connection stands.
    package var connectSeconds = 15
    /// A transfer that stays below `slowBytes` a second for that long is given up.
    package var slowSeconds = 60
    package var slowBytes = 256
    /// The longest that one request may take: 5 GiB at 1 Mbit/s.
    package var requestSeconds = 12 * 3600

    package init(certificates: String, folders: [String]) {
        self.certificates = certificates
        self.folders = folders
    }

    /// Debian's bundle of all trusted certificates (ca-certificates(8)).
    package static let debianCertificates = "/etc/ssl/certs/ca-certificates.crt"
}

/// Ends transfers that are under way, from any thread.
package final class StopSign: Sendable {
    private let isSet = Atomic<Bool>(false)

    package init() {}

    package func set() { isSet.store(true, ordering: .releasing) }

    package var isUp: Bool { isSet.load(ordering: .acquiring) }
}
