// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// Why a book does not take a transfer.
package enum LedgerRefusal: Refusal, Equatable {
    /// The source would go below zero.
    case insufficient(wanted: Int64, available: Int64)
    case amountNotPositive
    /// More than a transfer may move, or than an account can hold.
    case amountTooLarge(most: Int64)
    case sameAccount

    package static let catalogue: [RefusalCode] = [
        RefusalCode("ledger.insufficient", .conflict),
        RefusalCode("ledger.amount_not_positive", .invalid),
        RefusalCode("ledger.amount_too_large", .invalid),
        RefusalCode("ledger.same_account", .invalid),
    ]

    package var code: String {
        switch self {
        case .insufficient: "ledger.insufficient"
        case .amountNotPositive: "ledger.amount_not_positive"
        case .amountTooLarge: "ledger.amount_too_large"
        case .sameAccount: "ledger.same_account"
        }
    }

    package var parameters: [String: Fact] {
        switch self {
        case .insufficient(let wanted, let available):
            ["wanted": .integer(wanted), "available": .integer(available)]
        case .amountTooLarge(let most): ["most": .integer(most)]
        case .amountNotPositive, .sameAccount: [:]
        }
    }
}
