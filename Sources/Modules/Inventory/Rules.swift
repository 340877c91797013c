// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Catalog
import Kernel

/// What the decision about a movement needs to know.
struct MovementFacts: Sendable {
    let itemCode: String
    let itemActive: Bool
    let tracking: Tracking
    let place: Place
    let toPlace: Place?
    /// Places of these two that are closed, or stand in a zone or warehouse that is.
    let closed: Set<ID<Place>>
    /// The count in base units of the item.
    let quantity: Quantity
}

/// A movement that the rules allow: from where to where, and how much.
struct MovementPlan: Sendable, Equatable {
    let source: ID<Place>
    let sourceOutside: Bool
    let target: ID<Place>
    let targetOutside: Bool
    let quantity: Quantity
}

/// Decides where the goods of a draft go from and to, or why they may not.
///
/// Whether there is enough is asked of the book, which knows.
func plan(
    _ draft: MovementDraft, _ facts: MovementFacts
) throws(StockRefusal) -> MovementPlan {
    guard facts.quantity.units > 0 else { throw .countNotPositive }
    guard facts.itemActive || !bringsIn(draft) else { throw .itemRetired(item: facts.itemCode) }
    try requireTracking(draft, facts)
    try requireOpenBin(facts.place, facts)
    let (source, target) = try sides(draft, facts)
    return MovementPlan(
        source: source.id, sourceOutside: source.isOutside, target: target.id,
        targetOutside: target.isOutside, quantity: facts.quantity)
}

/// A side of a movement, as the plan needs it.
private struct Side {
    let id: ID<Place>
    let isOutside: Bool

    init(_ place: Place) {
        id = place.id
        isOutside = place.isOutside
    }

    init(_ outside: Outside) {
        id = outside.id
        isOutside = true
    }
}

private func sides(
    _ draft: MovementDraft, _ facts: MovementFacts
) throws(StockRefusal) -> (Side, Side) {
    let here = Side(facts.place)
    switch draft.kind {
    case .receive:
        return (Side(.supplier), here)
    case .ship:
        return (here, Side(.customer))
    case .move:
        guard let toPlace = facts.toPlace else { throw .targetRequired }
        guard toPlace.id != facts.place.id else { throw .samePlace }
        try requireOpenBin(toPlace, facts)
        return (here, Side(toPlace))
    case .adjust:
        guard let change = draft.change else { throw .changeRequired }
        guard draft.reason != nil else { throw .reasonRequired }
        return change == .increase ? (Side(.loss), here) : (here, Side(.loss))
    }
}

/// Retired goods may still leave, so that the shelf can be emptied.
private func bringsIn(_ draft: MovementDraft) -> Bool {
    draft.kind == .receive || (draft.kind == .adjust && draft.change == .increase)
}

private func requireOpenBin(_ place: Place, _ facts: MovementFacts) throws(StockRefusal) {
    guard place.kind == .bin else { throw .placeNotBin(code: place.code) }
    guard !facts.closed.contains(place.id) else { throw .placeClosed(code: place.code) }
}

private func requireTracking(
    _ draft: MovementDraft, _ facts: MovementFacts
) throws(StockRefusal) {
    if facts.tracking.lot {
        guard draft.lot != nil else { throw .lotRequired(item: facts.itemCode) }
    } else if draft.lot != nil {
        throw .lotNotTracked(item: facts.itemCode)
    }
    if facts.tracking.serial {
        guard draft.serial != nil else { throw .serialRequired(item: facts.itemCode) }
        guard facts.quantity.units == 1 else { throw .serialNotSingle }
    } else if draft.serial != nil {
        throw .serialNotTracked(item: facts.itemCode)
    }
}

/// Decides about the expiry of a lot: a new lot of goods that expire needs one, a known lot keeps
/// the one it has.
func planExpiry(
    of lot: Lot?, code: String, given: BusinessDay?, tracked: Bool, item: String
) throws(StockRefusal) -> BusinessDay? {
    guard let lot else {
        guard !tracked || given != nil else { throw .expiryRequired(item: item) }
        return given
    }
    guard given == nil || given == lot.expiry else {
        throw .expiryDiffers(lot: code, expiry: lot.expiry)
    }
    return lot.expiry
}

/// The sides of the movement that takes `movement` back.
func planReversal(
    of movement: Movement, outside: (ID<Place>) -> Bool
) throws(StockRefusal) -> MovementPlan {
    if let reversal = movement.reversedBy {
        throw .alreadyReversed(by: reversal.description)
    }
    guard movement.reverses == nil else { throw .reversalOfReversal }
    return MovementPlan(
        source: movement.to, sourceOutside: outside(movement.to), target: movement.from,
        targetOutside: outside(movement.from), quantity: movement.quantity)
}
