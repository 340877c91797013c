// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CGnuTLS

/// Codes that an app on a phone shows, from a seed that it shares with the box.
///
/// Source: RFC 4226 (HOTP) and RFC 6238 (TOTP), with HMAC-SHA-1, which every app speaks.
package enum OneTimeCode {
    /// Seconds of a step.
    package static let period: Int64 = 30
    package static let digits = 6
    /// Bytes of a new seed: as many as the hash has, as RFC 4226 recommends.
    package static let seedLength = 20
    /// Steps before and after the present one that are taken too: clocks differ.
    package static let window: Int64 = 1

    /// The step of an instant, given in seconds since 1970.
    package static func step(at seconds: Int64) -> Int64 { seconds / period }

    /// The code of a step as `digits` decimal digits; nil when the library refuses.
    package static func code(
        seed: [UInt8], step: Int64, digits: Int = OneTimeCode.digits
    ) -> String? {
        let counter = withUnsafeBytes(of: step.bigEndian) { Array($0) }
        var mac = [UInt8](repeating: 0, count: 20)
        guard sluice_hmac_sha1(seed, seed.count, counter, counter.count, &mac) == 0 else {
            return nil
        }
        let start = Int(mac[19] & 15)
        var number = UInt32(mac[start] & 0x7f)
        for byte in mac[(start + 1)...(start + 3)] { number = number << 8 | UInt32(byte) }
        var divisor: UInt32 = 1
        for _ in 0..<digits { divisor *= 10 }
        let text = String(number % divisor)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// The step whose code was given, later than `last`; nil when there is none. Looks at every
    /// step of the window and compares without telling where a code differs.
    package static func step(
        of code: String, seed: [UInt8], at seconds: Int64, after last: Int64
    ) -> Int64? {
        let given = Array(code.utf8)
        let now = step(at: seconds)
        var found: Int64?
        for step in (now - window)...(now + window) {
            guard let expected = self.code(seed: seed, step: step) else { continue }
            let isSame = equalInConstantTime(given, Array(expected.utf8))
            if isSame, step > last, found == nil { found = step }
        }
        return found
    }
}
