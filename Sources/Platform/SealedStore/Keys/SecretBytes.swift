// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSodium

/// Secret bytes in guarded memory: never swapped, never in a core, wiped when let go.
///
/// It is read-only from the moment its maker has filled it. Source: libsodium, "Secure memory".
final class SecretBytes: @unchecked Sendable {  // Nothing writes to it after `init` returned.
    let count: Int
    private let base: UnsafeMutableRawPointer

    /// - Parameter fill: writes all `count` bytes.
    /// - Throws: `KeyFault.noSecureMemory`, or what `fill` throws.
    init(count: Int, fill: (UnsafeMutablePointer<UInt8>) throws -> Void) throws {
        guard sodium_init() >= 0, let base = sodium_malloc(count) else {
            throw KeyFault.noSecureMemory
        }
        self.count = count
        self.base = base
        // When `fill` throws, all is set already, so `deinit` frees.
        try fill(base.assumingMemoryBound(to: UInt8.self))
        sodium_mprotect_readonly(base)
    }

    deinit { sodium_free(base) }

    /// The bytes; they live as long as this object does.
    var pointer: UnsafePointer<UInt8> { UnsafePointer(base.assumingMemoryBound(to: UInt8.self)) }
}
