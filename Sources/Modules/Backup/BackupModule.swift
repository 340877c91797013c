// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import ModuleKit

/// The way back: copies of the books in other places, and the proof that they can be read.
///
/// Every commit is captured within a second and brought to all targets every minute; once a day a
/// snapshot of the whole store follows. What is kept thins out with its age. Every night the
/// newest state is restored beside the books, checked, and compared with them table by table; a
/// backup that was never restored is only a hope. What goes wrong is told in the journal and shown
/// in words. The restore itself is a command, because it must work when nothing else does.
package let backupModule = Module(
    "backup",
    permissions: BackupPermission.all,
    schema: backupSchema,
    events: BackupEvent.all,
    refusals: [BackupRefusal.self],
    endpoints: backupEndpoints,
    jobs: [shipBackup, snapshotBackup, thinBackup, drillBackup, verifyBackup])
