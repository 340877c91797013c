// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Journal
import Kernel
package import ModuleKit

/// The eye on the house: who did what, when, from where, and whether anything of it looks wrong.
///
/// Everything that happens stands in the journal, whose entries hang on one another by hashes that
/// only this box can make. Once a day its state is put into one line, the anchor, which also goes to
/// the system journal and into the backups: with a line that somebody kept, a journal that was
/// shortened or written anew is found out. This room shows the journal, checks it, gives parts of it
/// out with a signature, and looks once a minute for what an administrator should know: guesses at
/// passwords, sign-ins at odd hours or from new places, many changes or exports, rights that were
/// raised, a clock that was set back. Each is told once and stays until somebody clears it.
///
/// - Parameter kinds: what all other rooms and the box itself tell.
package func auditModule(watching kinds: [EventKind]) -> Module {
    let all = kinds + AuditEvent.all
    return Module(
        "audit",
        permissions: AuditPermission.all,
        schema: auditSchema,
        events: AuditEvent.all,
        refusals: [AuditRefusal.self],
        endpoints: journalEndpoints(all) + exportEndpoints(all) + findingEndpoints,
        jobs: auditJobs(all),
        fields: [.personName])
}
