// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSodium
import Glibc

extension KeyFile {
    /// What somebody brings to open a slot.
    package enum Opener: Sendable {
        /// The groups of a recovery key.
        case recovery(String)
        case passphrase([UInt8])
        /// Path of a 32-byte file with mode 0600.
        case file(String)

        var kind: KeySlot.Kind {
            switch self {
            case .recovery: .recovery
            case .passphrase: .passphrase
            case .file: .keyFile
            }
        }

        /// 32 secret bytes.
        func secret(salt: [UInt8], operations: UInt64, memory: UInt64) throws -> SecretBytes {
            switch self {
            case .recovery(let text): try RecoveryText.key(of: text)
            case .file(let path): try Opener.contents(of: path)
            case .passphrase(let words):
                try Opener.stretched(words, salt: salt, operations: operations, memory: memory)
            }
        }

        /// Argon2id. Source: RFC 9106.
        private static func stretched(
            _ words: [UInt8], salt: [UInt8], operations: UInt64, memory: UInt64
        ) throws -> SecretBytes {
            guard !words.isEmpty else { throw KeyFault.mistyped }
            return try SecretBytes(count: 32) { out in
                let code = words.withUnsafeBytes { words -> Int32 in
                    guard let base = words.assumingMemoryBound(to: CChar.self).baseAddress else {
                        return -1
                    }
                    return crypto_pwhash(
                        out, 32, base, UInt64(words.count), salt, operations, Int(memory),
                        crypto_pwhash_alg_argon2id13())
                }
                guard code == 0 else { throw KeyFault.noSecureMemory }
            }
        }

        private static func contents(of path: String) throws -> SecretBytes {
            let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { throw KeyFault.system("open \(path)", errno) }
            defer { close(file) }
            var status = stat()
            guard fstat(file, &status) == 0 else { throw KeyFault.system("stat \(path)", errno) }
            guard status.st_mode & 0o077 == 0 else { throw KeyFault.readableByOthers }
            guard status.st_size == 32 else { throw KeyFault.mistyped }
            return try SecretBytes(count: 32) { out in
                guard Glibc.read(file, out, 32) == 32 else {
                    throw KeyFault.system("read \(path)", errno)
                }
            }
        }
    }

    /// A new recovery key, to be shown once. It opens nothing until it is given to a slot.
    package static func newRecoveryText() throws -> String {
        RecoveryText.text(of: try SecretBytes(count: 32) { randombytes_buf($0, 32) })
    }

    /// Writes 32 random bytes to a new file with mode 0600.
    ///
    /// - Throws: `KeyFault.exists` when there is a file already.
    package static func newSecretFile(at path: String) throws {
        guard !Disk.exists(path) else { throw KeyFault.exists }
        do {
            try Disk.replace(path, with: randomBytes(32))
        } catch {
            throw KeyFault.system(error.call, error.number)
        }
    }
}
