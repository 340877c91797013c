// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Secrets

extension FuzzTarget {
    static let secrets = [base64, totp, errand, report, address]

    /// Text that was read is written as it was given: one text for the same bytes.
    private static let base64 = FuzzTarget("base64") { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        if let read = Base64.bytes(url: text) {
            promise(Base64.url(read) == text, "two texts for the same bytes")
        }
        promise(Base64.bytes(url: Base64.url(bytes)) == bytes, "not read back")
    }

    /// A seed of up to 20 bytes, then the code. A code opens at most the step that it belongs to.
    private static let totp = FuzzTarget("totp", bytesMax: 64) { bytes in
        let seed = Array(bytes.prefix(20))
        let given = String(decoding: bytes.dropFirst(20), as: UTF8.self)
        let now: Int64 = 1_795_000_000
        promise(Base32.text(seed).utf8.count == (seed.count * 8 + 4) / 5, "letters of the seed")
        guard let step = OneTimeCode.step(of: given, seed: seed, at: now, after: 0) else { return }
        promise(OneTimeCode.code(seed: seed, step: step) == given, "another code was taken")
        promise(
            OneTimeCode.step(of: given, seed: seed, at: now, after: step).map { $0 > step } ?? true,
            "the same step twice")
    }

    /// What the daemon hands to the courier, and what comes back.
    private static let errand = FuzzTarget("errand") { bytes in
        _ = try? NumberedErrand(reading: bytes)
        _ = try? ErrandTarget(reading: bytes)
    }

    private static let report = FuzzTarget("report") { bytes in
        _ = try? ErrandReport(reading: bytes)
    }

    /// An address that was read is written so that it is read as the same one.
    private static let address = FuzzTarget("address", bytesMax: 512) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        guard let address = try? TargetAddress(text) else { return }
        promise(TargetAddress.isOne(text), "read, but not known as an address")
        promise((try? TargetAddress("\(address)")) == address, "\(address) is read as another")
    }
}
