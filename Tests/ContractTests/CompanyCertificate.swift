// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Secrets
import Web

/// A certificate that somebody brings to the probe.
enum CompanyCertificate {
    static let name = "box.example.org"

    /// The body that installs one which fits; made once.
    static let body: [UInt8] = {
        do {
            let now = Int64(Date().timeIntervalSince1970)
            let (root, own) = (try CertificateKey.make(), try CertificateKey.make())
            let draft = CertificateDraft(
                commonName: "Company", notBefore: now - 86_400, notAfter: now + 86_400 * 90)
            let authority = try draft.authority(key: root, permits: [.dns(name)])
            let server = try draft.server(
                key: own, names: [.dns(name)], authority: authority, authorityKey: root)
            return JSON.record([
                JSON.Member("chain", .text(PEM.text(server.der, label: "CERTIFICATE"))),
                JSON.Member("key", .text(PEM.text(own.der, label: "PRIVATE KEY"))),
            ]).bytes()
        } catch {
            return []
        }
    }()
}
