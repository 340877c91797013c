// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Secrets

/// How API tokens look: `slt_`, forty characters at random, six that follow from the rest.
///
/// Prefix and check let a scanner of text find leaked ones without asking anybody: the check is
/// the first 30 bits of SHA-256 over what stands before it, in Crockford's base 32.
enum TokenText {
    static let prefix = "slt_"
    static let randomLength = 40
    static let checkLength = 6

    /// The token with these random characters.
    static func make(_ random: String) -> String {
        let start = prefix + random
        return start + check(start)
    }

    /// Whether a text looks like a token and its check is right. Costs no look-up.
    static func isOne(_ text: String) -> Bool {
        guard text.hasPrefix(prefix),
            text.utf8.count == prefix.utf8.count + randomLength + checkLength
        else { return false }
        return text.suffix(checkLength) == check(String(text.dropLast(checkLength)))
    }

    private static func check(_ start: String) -> String {
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
        let bits = SHA256Stream.digest(of: Array(start.utf8)).prefix(4).reduce(UInt32(0)) {
            $0 << 8 | UInt32($1)
        }
        let characters = (0..<checkLength).map { alphabet[Int(bits >> UInt32(27 - 5 * $0) & 31)] }
        return String(decoding: characters, as: UTF8.self)
    }
}

/// What a token may be.
enum TokenRule {
    /// Tokens of a person.
    static let most: Int64 = 20
    /// Days after which a token ends, whatever was asked.
    static let daysMost = 366
    /// For how long the old text is still good after a rotation: time to change it everywhere.
    static let graceSeconds: Int64 = 3600
    /// Places from which it may be used.
    static let addressesMost = 16
    /// Warehouses to which it may be narrowed.
    static let warehousesMost = 64

    /// What a token may do now: what it was given and its person still has. Rights that ask for a
    /// fresh proof are never among it, for a token proves nothing; one that is narrowed to warehouses
    /// has no rights that reach over all rows.
    static func allowances(
        _ grant: TokenGrant, of person: [Permission: [Allowance]]
    ) -> [Permission: [Allowance]] {
        let given = person.filter { permission, _ in
            grant.permissions.contains(permission.code)
                && !AccessPermission.needFreshProof.contains(permission.code)
        }
        guard let warehouses = grant.warehouses else { return given }
        let bounds = Bounds([.warehouse: warehouses])
        return given.reduce(into: [:]) { narrowed, one in
            switch one.key.reach {
            case .rows: narrowed[one.key] = one.value.map { $0.within(bounds) }
            case .free: narrowed[one.key] = one.value
            case .whole: break
            }
        }
    }

    /// What somebody may give a token.
    static func grantable(_ person: some Sequence<Permission>) -> Set<String> {
        Set(person.map(\.code)).subtracting(AccessPermission.needFreshProof)
    }
}
