// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import ModuleKit

/// The warehouse: what is where, and how it got there.
///
/// Goods are always somewhere. A receipt takes them from the supplier to a bin, a shipment from a
/// bin to the customer, a move from bin to bin; what breaks or turns up goes to or comes from
/// "loss". Every movement names both sides, so nothing appears and nothing vanishes, and stock is
/// simply what all movements add up to. Movements are never changed: a mistake is taken back by
/// its opposite, and both stay to be seen. No bin can be emptied below zero. Goods with lots, expiry
/// dates or serial numbers are counted apart by them.
package let inventoryModule = Module(
    "inventory",
    permissions: StockPermission.all,
    schema: stockSchema,
    events: StockEvent.all,
    refusals: [StockRefusal.self],
    endpoints: placeEndpoints + stockEndpoints + movementEndpoints,
    jobs: [verifyStock],
    dimensions: [warehouseDimension],
    limits: StockLimit.all,
    conflicts: StockPermission.conflicts)
