// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// How a division that leaves a remainder is rounded. Always an argument, never a habit.
package enum Rounding: String, Hashable, Sendable, CaseIterable {
    /// Refuses a remainder.
    case exact
    /// Towards zero.
    case down
    /// Away from zero.
    case up
    /// To the nearest; a half goes away from zero, for negative numbers too.
    case halfUp
    /// To the nearest; a half goes to the even neighbour.
    case halfEven
    /// Towards minus infinity.
    case floor
    /// Towards plus infinity.
    case ceiling
}

/// Divides with an explicit rounding. `denominator` must not be zero.
func divide(
    _ numerator: Int128, by denominator: Int128, _ rounding: Rounding
) throws(ArithmeticRefusal) -> Int128 {
    guard denominator != 0 else { throw .divisionByZero }
    let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
    guard remainder != 0 else { return quotient }
    let isNegative = (numerator < 0) != (denominator < 0)
    let away = isNegative ? quotient - 1 : quotient + 1
    let doubled = remainder.magnitude * 2
    switch rounding {
    case .exact: throw .inexact
    case .down: return quotient
    case .up: return away
    case .floor: return isNegative ? away : quotient
    case .ceiling: return isNegative ? quotient : away
    case .halfUp: return doubled >= denominator.magnitude ? away : quotient
    case .halfEven:
        if doubled != denominator.magnitude {
            return doubled > denominator.magnitude ? away : quotient
        }
        return quotient % 2 == 0 ? quotient : away
    }
}

/// `value` as a 64-bit number, or an overflow.
func narrowed(_ value: Int128) throws(ArithmeticRefusal) -> Int64 {
    guard let narrow = Int64(exactly: value) else { throw .overflow }
    return narrow
}
