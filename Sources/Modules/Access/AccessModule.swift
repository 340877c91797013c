// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import ModuleKit
package import Outbox

/// The door: who may come in, and what they may do.
///
/// The first administrator is made with a code that the box prints when it starts for the first
/// time. People sign in with a name and a password, with a code of an app beside it where they or
/// their role want one, or with a passkey alone. Scanners sign
/// what they send with a key of their own, or send a token where they cannot sign; they can scan and
/// nothing else, and both can be taken back at any time. Wrong passwords slow down whoever tries them,
/// but nobody is locked out for good. What could open the house to others is asked only of somebody
/// who proved a moment ago who they are. What people may do comes from roles, which are given to them
/// for all rows or some, for good or for a time; rights that could open the house need a second
/// person. A message with a code to one's telephone can finish a sign-in where there is a gateway, for
/// people who have a stronger factor as well. Who came, who was refused and what was changed about people
/// stands in the journal.
///
/// - Parameter runner: has messages carried to the gateway.
package func accessModule(_ roles: RoleTable, by runner: any ErrandRunner) -> Module {
    Module(
        "access",
        permissions: AccessPermission.all,
        schema: accessSchema,
        events: AccessEvent.all,
        lifecycles: [LifecycleCard("grant", grantLifecycle)],
        refusals: [
            DoorRefusal.self, MessageRefusal.self, GrantRefusal.self, DeviceRefusal.self,
        ],
        endpoints: sessionEndpoints(roles) + factorEndpoints(roles) + passkeyEndpoints(roles)
            + phoneEndpoints(roles, by: runner) + gatewayEndpoints(by: runner)
            + peopleEndpoints(roles) + roleEndpoints(roles) + grantEndpoints(roles)
            + ownGrantEndpoints(roles) + reportEndpoints(roles) + deviceEndpoints(roles)
            + enrolmentEndpoints(roles) + tokenEndpoints(roles),
        jobs: [tidySessions],
        conflicts: AccessPermission.conflicts)
}
