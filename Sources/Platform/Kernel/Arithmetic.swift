// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// Why a calculation has no answer. Nothing here traps and nothing is silently wrong.
package enum ArithmeticRefusal: Refusal, Equatable {
    case overflow
    case currencyMixed
    case scaleMixed
    case inexact
    case divisionByZero
    case malformed
    case outOfRange

    package static let catalogue: [RefusalCode] = [
        RefusalCode("arithmetic.overflow", .invalid),
        RefusalCode("arithmetic.currency_mixed", .invalid),
        RefusalCode("arithmetic.scale_mixed", .invalid),
        RefusalCode("arithmetic.inexact", .invalid),
        RefusalCode("arithmetic.division_by_zero", .invalid),
        RefusalCode("arithmetic.malformed", .invalid),
        RefusalCode("arithmetic.out_of_range", .invalid),
    ]

    package var code: String {
        switch self {
        case .overflow: "arithmetic.overflow"
        case .currencyMixed: "arithmetic.currency_mixed"
        case .scaleMixed: "arithmetic.scale_mixed"
        case .inexact: "arithmetic.inexact"
        case .divisionByZero: "arithmetic.division_by_zero"
        case .malformed: "arithmetic.malformed"
        case .outOfRange: "arithmetic.out_of_range"
        }
    }
}

/// Adds, or overflows with a word.
func sum(_ a: Int64, _ b: Int64) throws(ArithmeticRefusal) -> Int64 {
    let (value, overflow) = a.addingReportingOverflow(b)
    guard !overflow else { throw .overflow }
    return value
}

/// Subtracts, or overflows with a word.
func difference(_ a: Int64, _ b: Int64) throws(ArithmeticRefusal) -> Int64 {
    let (value, overflow) = a.subtractingReportingOverflow(b)
    guard !overflow else { throw .overflow }
    return value
}
