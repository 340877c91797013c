// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import ModuleKit
package import SealedStore
import Secrets

/// What handshakes are to show: an installed certificate where there is one, else the box's own.
/// Nil before the first certificate was made.
package func shownIdentity(in tx: ReadTransaction) throws -> ShownIdentity? {
    guard let kept = try tx.trustCertificate(.installed) ?? tx.trustCertificate(.issued) else {
        return nil
    }
    return ShownIdentity(
        chain: kept.chain.map(\.der),
        key: try tx.fields.open(kept.sealedKey, for: keyPlace(kept.origin)),
        strict: try tx.strictSetting())
}

/// Only real books decide what the box shows: practice books are thrown away.
private func requireReal(_ desk: TrustDesk, _ tx: ReadTransaction) throws {
    guard desk.isServing else { throw TrustRefusal.off }
    if try tx.site()?.isPractice == true { throw TrustRefusal.practiceBooks }
}

/// Shows somebody's own certificate from the next handshake on.
func install(
    _ upload: CheckedUpload, _ desk: TrustDesk, by caller: Caller, in tx: WriteTransaction
) throws {
    try requireReal(desk, tx)
    let chain = upload.chain.map { PEM.text($0.der, label: "CERTIFICATE") }.joined()
    try tx.setTrustCertificate(
        .installed, chain: chain,
        sealedKey: tx.fields.seal(upload.key.der, for: keyPlace(.installed)))
    try tx.tell(
        TrustEvent.installed, about: "certificate",
        facts(upload.chain[0]).merging(["issuer": .text(upload.chain[0].issuer)]) { $1 },
        by: caller)
    desk.markStale()
}

/// Goes back to the certificate by the box's own authority.
func removeInstalled(_ desk: TrustDesk, by caller: Caller, in tx: WriteTransaction) throws {
    try requireReal(desk, tx)
    guard let kept = try tx.trustCertificate(.installed) else { throw TrustRefusal.noneInstalled }
    try tx.removeInstalledCertificate()
    try tx.tell(
        TrustEvent.removed, about: "certificate",
        ["fingerprint": .text(Digest.hex(kept.own.fingerprint))], by: caller)
    try keepCertificate(desk, by: caller, in: tx)
    desk.markStale()
}

/// Makes the certificate of the box anew, whatever its age.
func renew(_ desk: TrustDesk, by caller: Caller, in tx: WriteTransaction) throws {
    try requireReal(desk, tx)
    try keepCertificate(desk, asked: true, by: caller, in: tx)
}

/// Makes a new authority and a certificate by it.
func replaceAuthority(_ desk: TrustDesk, by caller: Caller, in tx: WriteTransaction) throws {
    try requireReal(desk, tx)
    _ = try makeAuthority(desk.names, at: DateRule.seconds(tx.now), by: caller, in: tx)
    try keepCertificate(desk, by: caller, in: tx)
}

/// Tells browsers to come over TLS only, or to forget that.
///
/// - Parameter isReady: whether whoever asks came over TLS by a name, without which a browser
///   would not take it, or nobody could tell whether it is the one to be locked out.
func setStrict(
    _ on: Bool, isReady: Bool, _ desk: TrustDesk, by caller: Caller, in tx: WriteTransaction
) throws {
    try requireReal(desk, tx)
    if on && !isReady { throw TrustRefusal.strictNotReady }
    let before = try tx.strictSetting()
    let after: StrictSetting = on ? .on : before == .never ? .never : .off
    guard after != before else { return }
    try tx.setStrict(after)
    try tx.tell(TrustEvent.strictChanged, about: "certificate", ["on": .flag(on)], by: caller)
    desk.markStale()
}

/// Tells once that the installed certificate comes to its end. Returns whether it did.
func tellEnding(by caller: Caller, in tx: WriteTransaction) throws -> Bool {
    guard let kept = try tx.trustCertificate(.installed), !kept.isWarned else { return false }
    let age = DateRule.age(
        notBefore: kept.own.notBefore, notAfter: kept.own.notAfter, now: DateRule.seconds(tx.now))
    guard age == .ending || age == .ended else { return false }
    try tx.markInstalledWarned()
    try tx.tell(
        TrustEvent.ending, about: "certificate",
        ["until": .instant(DateRule.instant(kept.own.notAfter))], by: caller)
    return true
}
