// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore
import Secrets

/// A row holds bytes that are no certificate.
struct CertificateDamaged: Error {}

extension ReadTransaction {
    /// The authority of the box; nil before the first start with TLS.
    func trustAuthority() throws -> KeptAuthority? {
        try first("SELECT certificate, sealed_key, permits FROM trust_authority WHERE id = 1", []) {
            KeptAuthority(
                certificate: try Certificate(der: $0.bytes(0)), sealedKey: $0.bytes(1),
                permits: $0.text(2).split(separator: "\n").map(String.init))
        }
    }

    /// The certificate of that origin, if there is one.
    func trustCertificate(_ origin: CertificateOrigin) throws -> KeptCertificate? {
        try first(
            "SELECT chain, sealed_key, warned FROM trust_certificate WHERE origin = ?",
            [origin.rawValue]
        ) {
            let chain = try (PEM.blocks(in: $0.text(0)) ?? []).map {
                try Certificate(der: $0.bytes)
            }
            guard !chain.isEmpty else { throw CertificateDamaged() }
            return KeptCertificate(
                origin: origin, chain: chain, sealedKey: $0.bytes(1), isWarned: $0.int64(2) == 1)
        }
    }

    func strictSetting() throws -> StrictSetting {
        let kept = try first("SELECT strict FROM trust_setting WHERE id = 1", []) { $0.text(0) }
        return kept.flatMap(StrictSetting.init(rawValue:)) ?? .never
    }

    /// Where each sealed key lies: the place that it is bound to, and its bytes.
    func sealedTrustKeys() throws -> [(origin: CertificateOrigin?, sealed: [UInt8])] {
        let authority = try all("SELECT sealed_key FROM trust_authority", []) {
            (CertificateOrigin?.none, $0.bytes(0))
        }
        let others = try all("SELECT origin, sealed_key FROM trust_certificate", []) {
            (CertificateOrigin(rawValue: $0.text(0)), $0.bytes(1))
        }
        return authority + others
    }
}

extension WriteTransaction {
    func setTrustAuthority(_ der: [UInt8], sealedKey: [UInt8], permits: [String]) throws {
        try run(
            """
            INSERT INTO trust_authority (id, certificate, sealed_key, permits, created_us)
            VALUES (1, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET certificate = excluded.certificate,
                sealed_key = excluded.sealed_key, permits = excluded.permits,
                created_us = excluded.created_us
            """, [der, sealedKey, permits.joined(separator: "\n"), now])
    }

    func setTrustCertificate(
        _ origin: CertificateOrigin, chain: String, sealedKey: [UInt8]
    ) throws {
        try run(
            """
            INSERT INTO trust_certificate (origin, chain, sealed_key, created_us)
            VALUES (?, ?, ?, ?)
            ON CONFLICT (origin) DO UPDATE SET chain = excluded.chain,
                sealed_key = excluded.sealed_key, created_us = excluded.created_us, warned = 0
            """, [origin.rawValue, chain, sealedKey, now])
    }

    func removeInstalledCertificate() throws {
        try run("DELETE FROM trust_certificate WHERE origin = 'installed'", [])
    }

    func markInstalledWarned() throws {
        try run("UPDATE trust_certificate SET warned = 1 WHERE origin = 'installed'", [])
    }

    func setStrict(_ setting: StrictSetting) throws {
        try run(
            """
            INSERT INTO trust_setting (id, strict) VALUES (1, ?)
            ON CONFLICT (id) DO UPDATE SET strict = excluded.strict
            """, [setting.rawValue])
    }

    /// The same key, sealed under another.
    func resealTrustKey(_ sealed: [UInt8], of origin: CertificateOrigin?) throws {
        if let origin {
            try run(
                "UPDATE trust_certificate SET sealed_key = ? WHERE origin = ?",
                [sealed, origin.rawValue])
        } else {
            try run("UPDATE trust_authority SET sealed_key = ? WHERE id = 1", [sealed])
        }
    }
}
