// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Journal

/// What this room tells.
package enum BackupEvent {
    static let targetAdded = EventKind("backup.target_added", needs: BackupPermission.see)
    /// The address of a target, or the way in, was changed. Facts: `name`, `kind`, `place`.
    static let targetChanged = EventKind("backup.target_changed", needs: BackupPermission.see)
    static let targetRemoved = EventKind("backup.target_removed", needs: BackupPermission.see)
    static let snapshotTaken = EventKind("backup.snapshot_taken", needs: BackupPermission.see)
    static let drilled = EventKind("backup.drilled", needs: BackupPermission.see)
    static let alarmRaised = EventKind("backup.alarm_raised", needs: BackupPermission.see)
    static let alarmCleared = EventKind("backup.alarm_cleared", needs: BackupPermission.see)
    /// These books were brought back from a backup: the journal goes on from here, and what other
    /// books may have told after that commit is not in it.
    package static let restored = EventKind("backup.restored", needs: BackupPermission.see)

    package static let all = [
        targetAdded, targetChanged, targetRemoved, snapshotTaken, drilled, alarmRaised,
        alarmCleared, restored,
    ]
}
