// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Catalog
package import Kernel
package import SealedStore

/// Balances that an answer to a scan shows at most: what fits a handheld's screen.
private let shownBalances = 20

/// Where a variant lies, as far as the caller sees.
package func balances(
    of variant: ID<Variant>, by caller: Caller, in tx: ReadTransaction
) throws -> [Balance] {
    try tx.balances(
        BalanceFilter(variant: variant), within: caller.scope, after: (unit: 0, place: 0),
        limit: shownBalances)
}

/// What lies in a place.
package func balances(
    at place: ID<Place>, by caller: Caller, in tx: ReadTransaction
) throws -> [Balance] {
    try tx.balances(
        BalanceFilter(place: place), within: caller.scope, after: (unit: 0, place: 0),
        limit: shownBalances)
}
