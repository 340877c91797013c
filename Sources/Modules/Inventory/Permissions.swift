// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// What may be done with stock.
package enum StockPermission {
    package static let see = Permission("stock.see", .rows, isReading: true)
    package static let receive = Permission("stock.receive", .rows)
    package static let ship = Permission("stock.ship", .rows)
    package static let move = Permission("stock.move", .rows)
    package static let adjust = Permission("stock.adjust", .rows)
    package static let editPlaces = Permission("place.edit", .rows)

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

    /// Whoever brings goods in or sends them out could cover with a correction what is missing.
    package static let conflicts = [
        DutyConflict("receive_adjust", receive, adjust), DutyConflict("ship_adjust", ship, adjust),
    ]
}

/// Amounts beyond which somebody with a higher limit must act.
package enum StockLimit {
    /// The largest quantity, in whole base units, of one correction or reversal.
    package static let adjustment = ActionLimit(
        "adjustment.quantity", of: StockPermission.adjust, unit: "base")
    package static let all = [adjustment]
}
