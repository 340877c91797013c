// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

extension SHA256Stream {
    /// The hash of bytes that are all there.
    package static func digest(of bytes: [UInt8]) -> [UInt8] {
        var stream = SHA256Stream()
        bytes.withUnsafeBytes { stream.update($0) }
        return stream.digest()
    }
}
