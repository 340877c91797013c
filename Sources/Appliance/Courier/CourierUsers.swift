// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc

/// Users who may come to the courier's socket: root, the daemon's own user, and the one named in
/// the settings, when the machine knows it.
func courierUsers(named name: String) -> Set<UInt32> {
    var users: Set<UInt32> = [0, getuid()]
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var texts = [CChar](repeating: 0, count: 16_384)
    if getpwnam_r(name, &entry, &texts, texts.count, &found) == 0, found != nil {
        users.insert(entry.pw_uid)
    }
    return users
}
