// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// What each role that comes with the house may do, by the codes of the permissions that rooms
/// bring. A code that no room brings gives nothing, so a role grows when its room comes.
///
/// No role but the owner's holds two permissions that conflict (`DutyConflict`).
func shippedRights(_ role: ShippedRole) -> Set<String> {
    let goods: Set<String> = ["item.see", "stock.see"]
    switch role {
    // Everything, whatever it is called.
    case .owner: return []
    case .itAdmin:
        return [
            "user.see", "user.manage", "device.manage", "backup.see", "backup.manage", "job.see",
            "job.run", "system.verify", "practice.manage",
        ]
    case .securityAuditor:
        return ["user.see", "journal.see", "job.see", "backup.see", "field.person_name"]
    case .financeManager, .salesManager: return goods.union(["field.person_name"])
    case .accountant, .salesperson, .orderClerk: return goods
    case .warehouseManager:
        return goods.union([
            "parked.see", "parked.resolve", "item.edit", "stock.move", "stock.adjust",
            "place.edit", "field.person_name",
        ])
    case .receiver:
        return goods.union([
            "parked.see", "stock.receive", "stock.move", "scan.make", "field.person_name",
        ])
    case .picker: return goods.union(["stock.move", "scan.make"])
    case .packer: return goods.union(["stock.ship", "scan.make"])
    case .counter: return goods.union(["stock.adjust"])
    case .buyer: return goods.union(["item.edit", "item.import"])
    case .marketing: return ["item.see"]
    case .support: return goods.union(["parked.see", "field.person_name"])
    case .dealerAdmin, .dealerUser: return ["item.see"]
    }
}

/// Amounts up to which a shipped role acts alone, by the names of the limits.
func shippedLimits(_ role: ShippedRole) -> [String: Int64] {
    switch role {
    // A count finds a case too many or too few; a pallet is looked at by somebody else.
    case .counter: ["adjustment.quantity": 100]
    default: [:]
    }
}
