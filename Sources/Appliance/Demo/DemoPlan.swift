// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// One demo item: what it is called and where it lies.
struct DemoItem: Sendable {
    let code: String
    let name: String
    let product: DemoProduct
    /// Twelve digits of an EAN-13 without the check digit.
    let number: String
    /// Index of the bin in which it is kept.
    let bin: Int
}

/// One demo movement, with what it needs of the item.
struct DemoMove: Sendable {
    enum Kind: Sendable {
        case receiveCases(Int64)
        case ship(Int64)
        case move(Int64)
        case damage(Int64)
    }

    let item: Int
    let kind: Kind
    /// Index of the receipt whose lot is meant.
    let lot: Int
}

/// What happens in a demo year, decided before any of it is booked.
struct DemoPlan: Sendable {
    static let itemCount = 1000
    static let movementCount = 20_000
    static let warehouses = 2
    static let binsPerWarehouse = 40

    let items: [DemoItem]
    let moves: [DemoMove]

    init(seed: UInt64) {
        var dice = Dice(seed: seed)
        items = Self.items(&dice)
        moves = Self.moves(items, &dice)
    }

    private static func items(_ dice: inout Dice) -> [DemoItem] {
        var items: [DemoItem] = []
        for flavour in DemoVocabulary.flavours {
            for product in DemoVocabulary.products {
                for size in product.sizes {
                    for brand in DemoVocabulary.brands where items.count < itemCount {
                        let index = items.count
                        items.append(
                            DemoItem(
                                code: "D\(digits(index + 1, 4))",
                                name: "\(brand)\(product.name)\(flavour) \(size)",
                                product: product, number: "6999990\(digits(index, 5))",
                                bin: Int.random(in: 0..<warehouses * binsPerWarehouse, using: &dice)
                            ))
                    }
                }
            }
        }
        return items
    }

    /// Goods come in by the case when few are left and go out by the piece; some are moved aside
    /// and a few break. What is in the bins is kept in step, so that no demo movement is refused.
    private static func moves(_ items: [DemoItem], _ dice: inout Dice) -> [DemoMove] {
        var onHand = [Int64](repeating: 0, count: items.count)
        var lots = [Int](repeating: 0, count: items.count)
        var moves: [DemoMove] = []
        while moves.count < movementCount {
            let index = dice.skewed(below: items.count)
            let item = items[index]
            if onHand[index] < item.product.inner {
                let cases = Int64.random(in: 2...9, using: &dice)
                lots[index] += 1
                // What was left of the lot before is shipped with it, so one lot is enough to name.
                if onHand[index] > 0 {
                    moves.append(
                        DemoMove(item: index, kind: .ship(onHand[index]), lot: lots[index] - 1))
                }
                moves.append(DemoMove(item: index, kind: .receiveCases(cases), lot: lots[index]))
                onHand[index] = cases * item.product.perCase
                continue
            }
            let amount = Int64.random(in: 1...max(1, onHand[index] / 4), using: &dice)
            let roll = Int.random(in: 0..<100, using: &dice)
            let kind: DemoMove.Kind =
                roll < 96 ? .ship(amount) : roll < 98 ? .move(1) : .damage(1)
            onHand[index] -= roll < 96 ? amount : 1
            moves.append(DemoMove(item: index, kind: kind, lot: lots[index]))
        }
        return moves
    }

    private static func digits(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
