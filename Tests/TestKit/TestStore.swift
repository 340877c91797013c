// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
package import SealedStore

/// A sealed store with the tables of one room, for tests of queries: real files, real sealing.
package final class TestStore: Sendable {
    package let store: SealedStore
    package let clock: TestClock
    private let folder: TestFolder

    package init(_ schemas: [RoomSchema], clock: TestClock = TestClock()) throws {
        folder = try TestFolder()
        self.clock = clock
        store = try SealedStore.open(
            folder: folder.path + "/store", key: try RootKey.random(), schemas: schemas,
            clock: clock.now)
    }

    deinit { store.close() }
}
