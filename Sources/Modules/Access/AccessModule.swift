// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import ModuleKit

/// The door: who may come in, and what they may do.
///
/// The first administrator is made with a code that the box prints when it starts for the first
/// time. People sign in with a name and a password and get a role; scanners carry a token of their
/// own, which can scan and nothing else, and can be taken back at any time. Wrong passwords slow
/// down whoever tries them, but nobody is locked out for good. Who came, who was refused and what
/// was changed about people stands in the journal.
package func accessModule(_ roles: RoleTable) -> Module {
    Module(
        "access",
        permissions: AccessPermission.all,
        schema: accessSchema,
        events: AccessEvent.all,
        refusals: [DoorRefusal.self],
        endpoints: sessionEndpoints(roles) + peopleEndpoints(roles),
        jobs: [tidySessions])
}
