// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// Splits `total` in proportion to `weights` so that the parts sum to it exactly.
///
/// Largest remainder (Hamilton's method): each part is rounded down, then the units left over go
/// to the largest remainders, ties to the earlier part. The only way to spread a discount, tax or
/// freight. A negative total is split like the positive one and negated.
///
/// Refuses negative weights and weights that are all zero.
func allocate(
    _ total: Int64, over weights: [Int64]
) throws(ArithmeticRefusal) -> [Int64] {
    var whole: Int128 = 0
    for weight in weights {
        guard weight >= 0 else { throw .outOfRange }
        whole += Int128(weight)
    }
    guard whole > 0 else { throw .divisionByZero }
    let magnitude = Int128(total.magnitude)
    var parts: [Int128] = []
    var remainders: [(index: Int, remainder: Int128)] = []
    var left = magnitude
    for (index, weight) in weights.enumerated() {
        let (part, remainder) = (magnitude * Int128(weight)).quotientAndRemainder(
            dividingBy: whole)
        parts.append(part)
        remainders.append((index, remainder))
        left -= part
    }
    // Fewer units are left than there are parts with a remainder, so one round is enough.
    remainders.sort { ($1.remainder, $0.index) < ($0.remainder, $1.index) }
    for (index, _) in remainders.prefix(Int(left)) { parts[index] += 1 }
    var signed: [Int64] = []
    for part in parts { signed.append(try narrowed(total < 0 ? -part : part)) }
    return signed
}
