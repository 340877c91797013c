// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Secrets

/// What makes a password good enough: length, and not being everybody's.
enum PasswordRule {
    static let least = 12
    static let most = 256
    /// Characters around a common word that do not make it one's own.
    private static let ownPart = 8

    /// - Parameter words: what stands near: the person's name, the company's.
    static func require(
        _ password: String, unlike words: [String]
    ) throws(DoorRefusal) {
        guard password.count >= least else { throw .passwordTooShort(least: Int64(least)) }
        // By bytes too: what is hashed must not be longer than it is looked at.
        guard password.count <= most, password.utf8.count <= most else {
            throw .passwordTooLong(most: Int64(most))
        }
        let folded = password.lowercased()
        guard Set(folded).count > 4 else { throw .passwordTooCommon }
        for form in forms(of: folded) {
            guard !isCommon(form, beside: folded), !isNear(form, words) else {
                throw .passwordTooCommon
            }
        }
    }

    /// The password, and what is left of it when ornaments are taken away: `Password2026!`,
    /// `p@ssw0rd1234`, `sunshinesunshine`.
    private static func forms(of folded: String) -> Set<String> {
        var forms: Set<String> = [folded]
        let plain = String(folded.map { ornaments[$0] ?? $0 })
        for text in [folded, plain] {
            forms.insert(text)
            forms.insert(text.filter { $0.isLetter })
            forms.insert(text.filter { $0.isLetter || $0.isNumber })
            let characters = Array(text)
            let start = characters.firstIndex { $0.isLetter } ?? 0
            let end = (characters.lastIndex { $0.isLetter } ?? -1) + 1
            if start < end { forms.insert(String(characters[start..<end])) }
        }
        for form in forms {
            let characters = Array(form)
            for parts in 2...4 where characters.count % parts == 0 && characters.count >= parts * 3
            {
                let piece = characters.prefix(characters.count / parts)
                let isRepeated = stride(from: 0, to: characters.count, by: piece.count).allSatisfy {
                    characters[$0..<($0 + piece.count)] == ArraySlice(piece)
                }
                if isRepeated { forms.insert(String(piece)) }
            }
        }
        forms.remove("")
        return forms
    }

    /// What stands for a letter.
    private static let ornaments: [Character: Character] = [
        "@": "a", "4": "a", "3": "e", "1": "i", "!": "i", "0": "o", "$": "s", "5": "s", "7": "t",
    ]

    /// A listed word counts when little else is there: one short word in a long sentence is fine.
    private static func isCommon(_ form: String, beside folded: String) -> Bool {
        guard form.count >= 3,
            folded.count - form.count <= ownPart || form.count * 2 >= folded.count
        else { return false }
        return commonWords.contains(form) || CommonPasswords.contains(form)
    }

    private static func isNear(_ form: String, _ words: [String]) -> Bool {
        words.contains { word in
            let folded = word.lowercased()
            let plain = folded.filter { $0.isLetter || $0.isNumber }
            return plain.count > 2 && (form == folded || form == plain)
        }
    }

    /// Words of this product and of its trade, and what is typed on Chinese keyboards. All others
    /// are in the list of `CommonPasswords`.
    private static let commonWords: Set<String> = [
        "administrator", "sluice", "sluiced", "sluicectl", "warehouse", "distributor", "inventory",
        "cangku",
        "kucun", "mima", "guanliyuan", "woaini", "woaini1314", "5201314", "woaizhongguo",
        "passwordpassword", "adminadmin", "qwertyuiopas", "qwertyqwerty", "asdfghjklzxc",
        "letmeinletmein", "welcomewelcome", "changemechangeme", "abcdefghijkl", "abcabcabcabc",
        "qazwsxedcrfv", "zaqwsx", "123456789012", "1234567890ab", "112233445566", "123123123123",
        "123456123456", "012345678901", "987654321098", "147258369147", "qwe123qwe123",
        "a1b2c3d4e5f6", "1q2w3e4r5t6y", "1qaz2wsx3edc", "q1w2e3r4t5y6", "iloveyouiloveyou",
    ]
}
