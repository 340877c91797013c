// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Secrets

/// What somebody brings, after it was checked.
struct CheckedUpload: Sendable {
    let chain: [Certificate]
    let key: CertificateKey
}

/// Whether a certificate that somebody brings can stand for this box.
enum UploadRule {
    /// Certificates of a chain at most, as `TLSIdentity` takes them.
    private static let chainMost = 8

    /// Reads and checks a chain and its key, both in PEM.
    static func check(
        chain text: String, key keyText: String, for names: BoxNames, now: Instant
    ) throws(TrustRefusal) -> CheckedUpload {
        let key = try readKey(keyText)
        let chain = try order(readChain(text), key)
        guard chain[0].isForServers else { throw .notForServers }
        for (index, one) in chain.enumerated() {
            let seconds = DateRule.seconds(now)
            if seconds < one.notBefore { throw .notYet(from: DateRule.instant(one.notBefore)) }
            if seconds >= one.notAfter { throw .expired(at: DateRule.instant(one.notAfter)) }
            // The signature of a root is nobody's concern; a root is not sent anyway.
            if !one.key.isStrong || one.isSignedWeakly { throw .tooWeak(part: Int64(index + 1)) }
        }
        let has = chain[0].names
        guard names.all.contains(where: { NameRule.stands(has, for: $0) }) else {
            throw .namesMissing(wanted: names.hosts, has: has.map(\.text))
        }
        return CheckedUpload(chain: chain, key: key)
    }

    private static func readKey(_ text: String) throws(TrustRefusal) -> CertificateKey {
        if text.contains("ENCRYPTED") { throw .keyLocked }
        guard let key = try? CertificateKey(pem: text) else { throw .keyUnreadable }
        return key
    }

    private static func readChain(_ text: String) throws(TrustRefusal) -> [Certificate] {
        let blocks = PEM.blocks(in: text)?.filter { $0.label == "CERTIFICATE" } ?? []
        guard (1...chainMost).contains(blocks.count) else { throw .chainUnreadable }
        var chain: [Certificate] = []
        for block in blocks {
            guard let one = try? Certificate(der: block.bytes) else { throw .chainUnreadable }
            chain.append(one)
        }
        return chain
    }

    /// The chain without its root: the box's own certificate first, each signed by the next.
    private static func order(
        _ chain: [Certificate], _ key: CertificateKey
    ) throws(TrustRefusal) -> [Certificate] {
        guard chain[0].fits(key) else {
            throw chain.contains { $0.fits(key) } ? .chainOrder : .keyMismatch
        }
        for (one, next) in zip(chain, chain.dropFirst()) where !one.isSigned(by: next) {
            throw .chainOrder
        }
        guard chain.count > 1, let last = chain.last, last.isSigned(by: last) else { return chain }
        return Array(chain.dropLast())
    }
}
