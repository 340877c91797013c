// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel
package import SealedStore

/// People with a role that could open the house to others, whether or not they can sign in now.
package func administratorIDs(in tx: ReadTransaction) throws -> [ID<User>] {
    let shipped = ShippedRole.allCases.filter { $0 == .owner || isSensitive(shippedRights($0)) }
    let custom = try tx.customRoles().filter { isSensitive($0.rights) }
    let roles = shipped.map { Role($0) } + custom.map { Role($0.id) }
    return Set(try tx.grantsInForce(ofAny: roles).map(\.user)).sorted { $0.raw < $1.raw }
}
