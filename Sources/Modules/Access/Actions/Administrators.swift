// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel
package import SealedStore

/// People who may change what others may do, whether or not they can sign in now.
package func administratorIDs(in tx: ReadTransaction) throws -> [ID<User>] {
    try tx.administrators()
}
