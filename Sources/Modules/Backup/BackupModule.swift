// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import ModuleKit
package import Outbox

/// The way back: copies of the books in other places, and the proof that they can be read.
///
/// Every commit is captured within a second and brought to all targets every minute; once a day a
/// snapshot of the whole store follows. What is kept thins out with its age. Every night the
/// newest state is restored beside the books, checked, and compared with them table by table; a
/// backup that was never restored is only a hope. What goes wrong is told in the journal and shown
/// in words. The restore itself is a command, because it must work when nothing else does.
///
/// - Parameters:
///   - runner: carries errands to targets on other machines.
///   - files: through which objects go to the courier.
package func backupModule(by runner: any ErrandRunner, through files: ErrandFolder) -> Module {
    let depot = Depot(runner: runner, files: files)
    return Module(
        "backup",
        permissions: BackupPermission.all,
        schema: backupSchema,
        events: BackupEvent.all,
        refusals: [BackupRefusal.self, RemoteRefusal.self],
        endpoints: backupEndpoints(depot),
        jobs: backupJobs(depot))
}
