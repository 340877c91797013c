// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// Every "no" of the warehouse.
package enum StockRefusal: Refusal, Equatable {
    case warehouseUnknown
    case warehouseCodeTaken(code: String)
    case warehouseNotEmpty
    case placeUnknown(code: String)
    case placeCodeTaken(code: String)
    case placeNotBin(code: String)
    case placeClosed(code: String)
    case placeNotEmpty(code: String)
    case parentNotZone
    case samePlace
    case targetRequired
    case changeRequired
    case reasonRequired
    case itemRetired(item: String)
    case countNotPositive
    case lotRequired(item: String)
    case lotUnknown(lot: String)
    case lotNotTracked(item: String)
    case expiryRequired(item: String)
    case expiryDiffers(lot: String, expiry: BusinessDay?)
    case serialRequired(item: String)
    case serialNotTracked(item: String)
    case serialNotSingle
    case serialOnHand(serial: String, place: String)
    /// It is in stock where the caller sees nothing, so the place is not named.
    case serialElsewhere(serial: String)
    /// More than the person may correct alone.
    case adjustmentTooLarge(most: Int64)
    case insufficient(item: String, wanted: Quantity, available: Quantity, place: String)
    case quantityTooLarge(most: Quantity)
    case movementUnknown
    case alreadyReversed(by: String)
    case reversalOfReversal
    case booksDiffer(unit: Int64, account: Int64, expected: Int64, kept: Int64)

    package static let catalogue: [RefusalCode] = [
        RefusalCode("stock.warehouse_unknown", .notFound),
        RefusalCode("stock.warehouse_code_taken", .conflict),
        RefusalCode("stock.warehouse_not_empty", .conflict),
        RefusalCode("stock.place_unknown", .notFound),
        RefusalCode("stock.place_code_taken", .conflict),
        RefusalCode("stock.place_not_bin", .invalid),
        RefusalCode("stock.place_closed", .conflict),
        RefusalCode("stock.place_not_empty", .conflict),
        RefusalCode("stock.parent_not_zone", .invalid),
        RefusalCode("stock.same_place", .invalid),
        RefusalCode("stock.target_required", .invalid),
        RefusalCode("stock.change_required", .invalid),
        RefusalCode("stock.reason_required", .invalid),
        RefusalCode("stock.item_retired", .conflict),
        RefusalCode("stock.count_not_positive", .invalid),
        RefusalCode("stock.lot_required", .invalid),
        RefusalCode("stock.lot_unknown", .conflict),
        RefusalCode("stock.lot_not_tracked", .invalid),
        RefusalCode("stock.expiry_required", .invalid),
        RefusalCode("stock.expiry_differs", .conflict),
        RefusalCode("stock.serial_required", .invalid),
        RefusalCode("stock.serial_not_tracked", .invalid),
        RefusalCode("stock.serial_not_single", .invalid),
        RefusalCode("stock.serial_on_hand", .conflict),
        RefusalCode("stock.serial_elsewhere", .conflict),
        RefusalCode("stock.adjustment_too_large", .forbidden),
        RefusalCode("stock.insufficient", .conflict),
        RefusalCode("stock.quantity_too_large", .invalid),
        RefusalCode("stock.movement_unknown", .notFound),
        RefusalCode("stock.already_reversed", .conflict),
        RefusalCode("stock.reversal_of_reversal", .conflict),
        RefusalCode("stock.books_differ", .conflict),
    ]

    package var code: String {
        switch self {
        case .warehouseUnknown: "stock.warehouse_unknown"
        case .warehouseCodeTaken: "stock.warehouse_code_taken"
        case .warehouseNotEmpty: "stock.warehouse_not_empty"
        case .placeUnknown: "stock.place_unknown"
        case .placeCodeTaken: "stock.place_code_taken"
        case .placeNotBin: "stock.place_not_bin"
        case .placeClosed: "stock.place_closed"
        case .placeNotEmpty: "stock.place_not_empty"
        case .parentNotZone: "stock.parent_not_zone"
        case .samePlace: "stock.same_place"
        case .targetRequired: "stock.target_required"
        case .changeRequired: "stock.change_required"
        case .reasonRequired: "stock.reason_required"
        case .itemRetired: "stock.item_retired"
        case .countNotPositive: "stock.count_not_positive"
        case .lotRequired: "stock.lot_required"
        case .lotUnknown: "stock.lot_unknown"
        case .lotNotTracked: "stock.lot_not_tracked"
        case .expiryRequired: "stock.expiry_required"
        case .expiryDiffers: "stock.expiry_differs"
        case .serialRequired: "stock.serial_required"
        case .serialNotTracked: "stock.serial_not_tracked"
        case .serialNotSingle: "stock.serial_not_single"
        case .serialOnHand: "stock.serial_on_hand"
        case .serialElsewhere: "stock.serial_elsewhere"
        case .adjustmentTooLarge: "stock.adjustment_too_large"
        case .insufficient: "stock.insufficient"
        case .quantityTooLarge: "stock.quantity_too_large"
        case .movementUnknown: "stock.movement_unknown"
        case .alreadyReversed: "stock.already_reversed"
        case .reversalOfReversal: "stock.reversal_of_reversal"
        case .booksDiffer: "stock.books_differ"
        }
    }

    package var parameters: [String: Fact] {
        switch self {
        case .warehouseCodeTaken(let code), .placeUnknown(let code), .placeCodeTaken(let code),
            .placeNotBin(let code), .placeClosed(let code), .placeNotEmpty(let code):
            ["code": .text(code)]
        case .itemRetired(let item), .lotRequired(let item), .lotNotTracked(let item),
            .expiryRequired(let item), .serialRequired(let item), .serialNotTracked(let item):
            ["item": .text(item)]
        case .lotUnknown(let lot):
            ["lot": .text(lot)]
        case .expiryDiffers(let lot, let expiry):
            ["lot": .text(lot), "expiry": expiry.map { .day($0) } ?? .none]
        case .serialOnHand(let serial, let place):
            ["serial": .text(serial), "place": .text(place)]
        case .serialElsewhere(let serial):
            ["serial": .text(serial)]
        case .adjustmentTooLarge(let most):
            ["most": .integer(most)]
        case .insufficient(let item, let wanted, let available, let place):
            [
                "item": .text(item), "wanted": .quantity(wanted),
                "available": .quantity(available), "place": .text(place),
            ]
        case .quantityTooLarge(let most):
            ["most": .quantity(most)]
        case .alreadyReversed(let movement):
            ["movement": .text(movement)]
        case .booksDiffer(let unit, let account, let expected, let kept):
            [
                "unit": .integer(unit), "account": .integer(account),
                "expected": .integer(expected), "kept": .integer(kept),
            ]
        case .warehouseUnknown, .warehouseNotEmpty, .parentNotZone, .samePlace, .targetRequired,
            .changeRequired, .reasonRequired, .countNotPositive, .serialNotSingle,
            .movementUnknown, .reversalOfReversal:
            [:]
        }
    }

    package var pointers: [Pointer] {
        switch self {
        case .warehouseCodeTaken, .placeCodeTaken: [Pointer(path: "/code", code: code)]
        case .samePlace, .targetRequired: [Pointer(path: "/toPlace", code: code)]
        case .changeRequired: [Pointer(path: "/change", code: code)]
        case .reasonRequired: [Pointer(path: "/reason", code: code)]
        case .countNotPositive, .insufficient, .quantityTooLarge, .adjustmentTooLarge:
            [Pointer(path: "/count", code: code)]
        case .lotRequired, .lotUnknown, .lotNotTracked: [Pointer(path: "/lot", code: code)]
        case .expiryRequired, .expiryDiffers: [Pointer(path: "/expiry", code: code)]
        case .serialRequired, .serialNotTracked, .serialNotSingle, .serialOnHand,
            .serialElsewhere:
            [Pointer(path: "/serial", code: code)]
        case .parentNotZone: [Pointer(path: "/parent", code: code)]
        case .warehouseUnknown, .warehouseNotEmpty, .placeUnknown, .placeNotBin, .placeClosed,
            .placeNotEmpty, .itemRetired, .movementUnknown, .alreadyReversed,
            .reversalOfReversal, .booksDiffer:
            []
        }
    }
}
