// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// What may be done with stock.
package enum StockPermission {
    package static let see = Permission("stock.see")
    package static let receive = Permission("stock.receive")
    package static let ship = Permission("stock.ship")
    package static let move = Permission("stock.move")
    package static let adjust = Permission("stock.adjust")
    package static let editPlaces = Permission("place.edit")

    package static let all = [see, receive, ship, move, adjust, editPlaces]

    /// What a kind of movement needs when it is booked by hand.
    package static func needed(for kind: MovementKind) -> Permission {
        switch kind {
        case .receive: receive
        case .ship: ship
        case .move: move
        case .adjust: adjust
        }
    }
}
