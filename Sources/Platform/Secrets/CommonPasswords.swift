// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CCommonPasswords

/// Words that too many people take as their password: leaked passwords, English words, names.
///
/// Kept as sorted starts of digests in the program itself. How the list is made:
/// `Sources/System/CCommonPasswords/make_list.py`. Of 2⁴⁰ starts 75,000 are taken, so a word that
/// is not listed is refused once in 15 million.
package enum CommonPasswords {
    /// How many words are listed.
    package static var count: Int { sluice_common_passwords_count() }

    /// Whether `word`, in small letters, is listed.
    package static func contains(_ word: String) -> Bool {
        guard let list = sluice_common_passwords() else { return false }
        let length = Int(SLUICE_COMMON_PASSWORD_BYTES)
        let wanted = Digest.blake2b(Array(word.utf8)).prefix(length)
        let records = UnsafeBufferPointer(start: list, count: count * length)
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            let record = records[(middle * length)..<((middle + 1) * length)]
            if record.elementsEqual(wanted) { return true }
            if record.lexicographicallyPrecedes(wanted) { low = middle + 1 } else { high = middle }
        }
        return false
    }
}
