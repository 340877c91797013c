// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// How long certificates last, and when they are made anew. Seconds.
enum DateRule {
    private static let day: Int64 = 86_400
    /// Apple and Google take no longer ones from authorities that are known to all; ours keeps to it.
    static let certificateLife = 397 * day
    static let authorityLife = 3650 * day
    /// Clocks of phones and of this box differ.
    static let leeway: Int64 = 3600

    /// The seconds of a certificate's date as an instant; dates that no calendar has are cut.
    static func instant(_ seconds: Int64) -> Instant {
        Instant(microseconds: min(max(seconds, 0), 253_402_300_799) * 1_000_000)
    }

    static func seconds(_ instant: Instant) -> Int64 { instant.microseconds / 1_000_000 }

    /// When a third of a life is left: then it is made anew, or somebody is told to.
    static func renewal(notBefore: Int64, notAfter: Int64) -> Int64 {
        notAfter - max(0, notAfter - notBefore) / 3
    }

    /// Where a certificate stands in its life.
    static func age(notBefore: Int64, notAfter: Int64, now: Int64) -> CertificateAge {
        if now < notBefore { return .early }
        if now >= notAfter { return .ended }
        return now >= renewal(notBefore: notBefore, notAfter: notAfter) ? .ending : .good
    }
}

/// Where a certificate stands in its life.
enum CertificateAge: String, Sendable, CaseIterable {
    /// Its time has not come; the clock of the box may have been wrong when it was made.
    case early
    case good
    /// Less than a third is left.
    case ending
    case ended
}
