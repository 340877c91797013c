// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import SealedStore
import Synchronization
import Trust
import Web

/// Keeps what handshakes show in step with the books: at the start, when books take the place of
/// others, after a change of a certificate, and when it is told to look (SIGHUP).
final class CertificateKeeper: Sendable {
    let front = TLSFront()
    let desk: TrustDesk
    private let switchboard: Switchboard
    /// One look at a time, so that an older one never overtakes a newer.
    private let turn = Mutex<Void>(())

    init(_ desk: TrustDesk, _ switchboard: Switchboard) {
        self.desk = desk
        self.switchboard = switchboard
        guard desk.isServing else { return }
        switchboard.onCommit { [weak self] in
            guard let self, self.desk.takeStale() else { return }
            // Not on the writer's thread, which must not wait.
            DispatchQueue.global().async { self.showOpenBooks() }
        }
    }

    /// Takes over books that were just opened: makes what is missing, and shows what they hold.
    ///
    /// - Throws: when the books hold no certificate that can be shown; nothing can be served then.
    func take(_ store: SealedStore) throws {
        guard desk.isServing else { return }
        let look = try store.read {
            (isDue: try certificateIsDue(self.desk, in: $0), now: $0.now)
        }
        if look.isDue {
            try store.write {
                _ = try keepCertificate(
                    self.desk, at: look.now, by: .system("start"), in: $0)
            }
        }
        _ = desk.takeStale()
        try show(store)
    }

    /// Looks whether anything is due, and shows what the books hold. Not from the writer's thread.
    func look() {
        guard desk.isServing, let store = switchboard.house?.store else { return }
        do {
            try take(store)
        } catch {
            Log.write(.error, "the certificate stays as it is: \(error)")
        }
    }

    private func showOpenBooks() {
        guard let store = switchboard.house?.store else { return }
        do {
            try show(store)
        } catch {
            Log.write(.error, "the certificate stays as it is: \(error)")
        }
    }

    private func show(_ store: SealedStore) throws {
        try turn.withLock { _ in
            guard let shown = try store.read({ try shownIdentity(in: $0) }) else { return }
            front.show(try TLSIdentity(chain: shown.chain, key: shown.key))
            front.setStrict(shown.strict.header)
        }
    }
}

/// What the box is called now: in the local network, by itself, and by those who look after it.
func boxNames(and given: [String]) -> BoxNames {
    let own = ownNames(and: []).filter { !$0.hasPrefix("[") && $0 != "localhost" }
    let hosts =
        own.filter { $0.hasSuffix(".local") }.sorted()
        + own.filter { !$0.hasSuffix(".local") }.sorted()
        + given
    var names: [String] = []
    for host in hosts where HostField.isName(host) && !names.contains(host) { names.append(host) }
    return BoxNames(hosts: names, addresses: ownAddresses())
}
