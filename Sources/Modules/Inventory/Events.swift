// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Journal
import Kernel

/// What this room tells.
package enum StockEvent {
    package static let moved = EventKind(
        "stock.moved", needs: StockPermission.see, rows: .warehouse, isFrequent: true)
    static let warehouseAdded = EventKind(
        "stock.warehouse_added", needs: StockPermission.see, rows: .warehouse)
    static let warehouseChanged = EventKind(
        "stock.warehouse_changed", needs: StockPermission.see, rows: .warehouse)
    static let placeAdded = EventKind(
        "stock.place_added", needs: StockPermission.see, rows: .warehouse)
    static let placeChanged = EventKind(
        "stock.place_changed", needs: StockPermission.see, rows: .warehouse)

    static let all = [moved, warehouseAdded, warehouseChanged, placeAdded, placeChanged]
}
