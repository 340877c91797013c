// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Synchronization

/// What this process serves: its doors, and the names under which it is reached.
package final class TrustDesk: Sendable {
    /// Ports in use.
    package struct Doors: Sendable, Equatable {
        package let tls: UInt16
        /// Where redirect and trust page are.
        package let plain: UInt16

        package init(tls: UInt16, plain: UInt16) {
            self.tls = tls
            self.plain = plain
        }
    }

    /// Whether there is a door for TLS at all.
    package let isServing: Bool
    private let look: @Sendable () -> BoxNames
    private let open = Mutex<Doors?>(nil)
    private let isStale = Atomic<Bool>(false)

    /// - Parameter names: looks at what the box is called now; called for each renewal.
    package init(isServing: Bool, names: @escaping @Sendable () -> BoxNames) {
        self.isServing = isServing
        look = names
    }

    /// A process without TLS.
    package static var absent: TrustDesk {
        TrustDesk(isServing: false) { BoxNames(hosts: [], addresses: []) }
    }

    package var names: BoxNames { look() }

    /// Nil until the doors are open.
    package var doors: Doors? { open.withLock { $0 } }

    package func setDoors(_ doors: Doors) { open.withLock { $0 = doors } }

    /// Says, inside a transaction, that something else is to be shown after it.
    func markStale() { isStale.store(true, ordering: .releasing) }

    /// Whether something else is to be shown since this was last asked. Cheap enough to be asked
    /// after each commit.
    package func takeStale() -> Bool {
        isStale.load(ordering: .acquiring)
            && isStale.exchange(false, ordering: .acquiringAndReleasing)
    }
}
