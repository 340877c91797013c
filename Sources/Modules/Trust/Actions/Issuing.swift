// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
package import Kernel
package import SealedStore
import Secrets

/// Where a sealed key is bound to; a key opens nowhere else.
func keyPlace(_ origin: CertificateOrigin?) -> String {
    origin.map { "trust_certificate.sealed_key.\($0.rawValue)" } ?? "trust_authority.sealed_key"
}

/// Why a certificate is made, or that none is needed.
enum IssueReason: String, Sendable {
    case first, asked, age, clock, names, authority

    /// The reason to make the box's certificate anew; nil while the kept one will do.
    static func found(
        _ kept: Certificate, _ authority: Certificate, names: [SubjectName], now: Int64
    ) -> IssueReason? {
        if !kept.isSigned(by: authority) { return .authority }
        switch DateRule.age(notBefore: kept.notBefore, notAfter: kept.notAfter, now: now) {
        case .early: return .clock
        case .ending, .ended: return .age
        case .good: return Set(kept.names) == Set(names) ? nil : .names
        }
    }
}

/// Makes what is missing or out of date: the authority at the first start, the certificate when it
/// ages or when the box got other names. Returns whether anything was made.
///
/// Keys are drawn in the transaction that keeps them, so a crash leaves none without its seal.
///
/// - Parameter now: the time by the clock that browsers go by. The time of the books, which is taken
///   without it, never goes back: a clock that was ahead would be ahead for them until the next start.
@discardableResult
package func keepCertificate(
    _ desk: TrustDesk, asked: Bool = false, at now: Instant? = nil, by caller: Caller,
    in tx: WriteTransaction
) throws -> Bool {
    let names = desk.names
    let now = DateRule.seconds(now ?? tx.now)
    let kept = try tx.trustAuthority()
    let authority = try kept ?? makeAuthority(names, at: now, by: caller, in: tx)
    let named = NameRule.named(names, permits: authority.permits)
    var reason: IssueReason? = .first
    if let issued = try tx.trustCertificate(.issued) {
        reason = .found(issued.own, authority.certificate, names: named, now: now)
    }
    guard let reason = asked ? .asked : reason else { return false }
    try issue(named, authority, at: now, because: reason, by: caller, in: tx)
    desk.markStale()
    return true
}

/// Whether `keepCertificate` has something to do; a look that changes nothing.
package func certificateIsDue(_ desk: TrustDesk, in tx: ReadTransaction) throws -> Bool {
    guard let authority = try tx.trustAuthority(), let issued = try tx.trustCertificate(.issued)
    else { return true }
    let named = NameRule.named(desk.names, permits: authority.permits)
    return IssueReason.found(
        issued.own, authority.certificate, names: named, now: DateRule.seconds(tx.now)) != nil
}

/// Makes an authority in place of the one that is there. Every device has to trust it anew.
///
/// - Parameter now: in seconds since 1970.
func makeAuthority(
    _ names: BoxNames, at now: Int64, by caller: Caller, in tx: WriteTransaction
) throws -> KeptAuthority {
    let key = try CertificateKey.make()
    let permits = NameRule.permits(names)
    // The mark keeps two authorities of boxes with the same name apart in the lists of a device.
    let draft = CertificateDraft(
        commonName: "Sluice \(names.hosts.first ?? "box") (\(Random.text(4)))",
        notBefore: now - 24 * DateRule.leeway, notAfter: now + DateRule.authorityLife)
    let certificate = try draft.authority(key: key, permits: NameRule.constraints(permits))
    let sealed = tx.fields.seal(key.der, for: keyPlace(nil))
    try tx.setTrustAuthority(certificate.der, sealedKey: sealed, permits: permits)
    try tx.tell(
        TrustEvent.authorityMade, about: "certificate",
        [
            "name": .text(certificate.subject),
            "fingerprint": .text(Digest.hex(certificate.fingerprint)),
            "until": .instant(DateRule.instant(certificate.notAfter)),
        ], by: caller)
    return KeptAuthority(certificate: certificate, sealedKey: sealed, permits: permits)
}

private func issue(
    _ names: [SubjectName], _ authority: KeptAuthority, at now: Int64,
    because reason: IssueReason, by caller: Caller, in tx: WriteTransaction
) throws {
    let authorityKey = try CertificateKey(
        der: tx.fields.open(authority.sealedKey, for: keyPlace(nil)))
    // A key of its own for each certificate: what leaked with an old one opens nothing new.
    let key = try CertificateKey.make()
    let start = now - DateRule.leeway
    let draft = CertificateDraft(
        commonName: names.first?.text ?? "localhost", notBefore: start,
        notAfter: min(start + DateRule.certificateLife, authority.certificate.notAfter))
    let certificate = try draft.server(
        key: key, names: names, authority: authority.certificate, authorityKey: authorityKey)
    try tx.setTrustCertificate(
        .issued, chain: PEM.text(certificate.der, label: "CERTIFICATE"),
        sealedKey: tx.fields.seal(key.der, for: keyPlace(.issued)))
    try tx.tell(
        TrustEvent.issued, about: "certificate",
        facts(certificate).merging(["reason": .text(reason.rawValue)]) { $1 }, by: caller)
}

/// What the journal says of a certificate.
func facts(_ certificate: Certificate) -> [String: Fact] {
    [
        "fingerprint": .text(Digest.hex(certificate.fingerprint)),
        "until": .instant(DateRule.instant(certificate.notAfter)),
        "names": .text(certificate.names.map(\.text).joined(separator: " ")),
    ]
}

/// Seals every key of certificates under the key of `tx`, after the root key was changed.
///
/// - Parameter old: opens what was sealed before.
package func resealTrustKeys(from old: FieldSealer, in tx: WriteTransaction) throws {
    for (origin, sealed) in try tx.sealedTrustKeys() {
        let place = keyPlace(origin)
        let key = try old.open(sealed, for: place)
        try tx.resealTrustKey(tx.fields.seal(key, for: place), of: origin)
    }
}
