// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// A target that is only read, with another one over it that takes what is put. So commits that no
/// shipment has brought to a backup can be restored with it, though it is read-only or far away.
package struct LayeredTarget: BackupTarget {
    private let base: any BackupTarget
    private let over: any BackupTarget

    /// - Parameters:
    ///   - over: where things are put, and looked for first.
    ///   - base: what is never written to.
    package init(_ over: any BackupTarget, over base: any BackupTarget) {
        self.over = over
        self.base = base
    }

    package func put(_ name: String, _ bytes: [UInt8]) throws { try over.put(name, bytes) }

    package func get(_ name: String) throws -> [UInt8]? {
        try over.get(name) ?? base.get(name)
    }

    package func list(_ prefix: String) throws -> [BackupObject] {
        let added = try over.list(prefix)
        let names = Set(added.map(\.name))
        return try (added + base.list(prefix).filter { !names.contains($0.name) })
            .sorted { $0.name < $1.name }
    }

    package func delete(_ name: String) throws { try over.delete(name) }
}
