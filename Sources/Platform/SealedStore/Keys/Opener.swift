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
        /// Path of a credential that the service manager hands over: 32 to 1024 bytes, sealed by the
        /// machine's TPM or host key. Source: systemd.exec(5), LoadCredentialEncrypted=.
        case machine(String)

        var kind: KeySlot.Kind {
            switch self {
            case .recovery: .recovery
            case .passphrase: .passphrase
            case .file: .keyFile
            case .machine: .machine
            }
        }

        private static let credentialSizes = 32...1024

        /// 32 secret bytes.
        func secret(salt: [UInt8], operations: UInt64, memory: UInt64) throws -> SecretBytes {
            switch self {
            case .recovery(let text): try RecoveryText.key(of: text)
            case .file(let path): try Opener.contents(of: path)
            case .machine(let path): try Opener.credential(at: path)
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
            try read(path, sizes: 32...32, closedTo: 0o077)
        }

        /// A credential of any length becomes 32 bytes by BLAKE2b. Its group is the service manager's
        /// way of giving it to one user, so only others are looked at.
        private static func credential(at path: String) throws -> SecretBytes {
            let bytes = try read(path, sizes: credentialSizes, closedTo: 0o007)
            return try SecretBytes(count: 32) { out in
                let code = crypto_generichash(
                    out, 32, bytes.pointer, UInt64(bytes.count), nil, 0)
                guard code == 0 else { throw KeyFault.mistyped }
            }
        }

        private static func read(
            _ path: String, sizes: ClosedRange<Int>, closedTo mode: mode_t
        ) throws -> SecretBytes {
            let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { throw KeyFault.system("open \(path)", errno) }
            defer { close(file) }
            var status = stat()
            guard fstat(file, &status) == 0 else { throw KeyFault.system("stat \(path)", errno) }
            guard status.st_mode & mode == 0 else { throw KeyFault.readableByOthers }
            let size = Int(status.st_size)
            guard sizes.contains(size) else { throw KeyFault.mistyped }
            return try SecretBytes(count: size) { out in
                guard Glibc.read(file, out, size) == size else {
                    throw KeyFault.system("read \(path)", errno)
                }
            }
        }
    }

    /// A new recovery key, to be shown once. It opens nothing until it is given to a slot.
    package static func newRecoveryText() throws -> String {
        try RecoveryText.text(of: try SecretBytes(count: 32) { randombytes_buf($0, 32) })
    }

    /// Writes 32 random bytes to a new file with mode 0600.
    ///
    /// - Throws: `KeyFault.exists` when there is a file already.
    package static func newSecretFile(at path: String) throws {
        guard !Disk.exists(path) else { throw KeyFault.exists }
        do {
            try Disk.place(path, with: randomBytes(32))
        } catch {
            throw Disk.exists(path) ? KeyFault.exists : KeyFault.system(error.call, error.number)
        }
    }
}
