// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSodium

/// Seals and opens messages of one open file, in the caller's buffers and without allocating.
///
/// One file is used by one connection and one connection by one thread at a time, so the buffer
/// for the associated data is not guarded. Source: RFC 8439 and draft-irtf-cfrg-xchacha, through
/// libsodium's detached interface.
///
/// `SLUICE_UNSEALED` leaves the sealing out. Only `make bench` builds that, to tell what it costs.
struct Sealer: ~Copyable {
    enum Kind: UInt8 {
        case page = 1
        case frame = 2
    }

    private let key: SecretBytes
    /// Format, kind, database, epoch and number; then what the kind adds.
    private let bound: UnsafeMutablePointer<UInt8>
    /// 16 random bytes for this open file, a counter, and a note: never the same twice.
    private let nonce: UnsafeMutablePointer<UInt8>
    private var counter: UInt32 = 0

    static let noteOffset = 20
    private static let fixed = 32
    private static let room = 64

    init(_ vault: Vault, kind: Kind) {
        key = kind == .page ? vault.pageKey : vault.frameKey
        bound = .allocate(capacity: Sealer.room)
        bound.initialize(repeating: 0, count: Sealer.room)
        nonce = .allocate(capacity: Format.nonce)
        nonce.initialize(repeating: 0, count: Format.nonce)
        for index in 0..<4 { bound[index] = Format.magic[index] }
        bound[4] = Format.version
        bound[5] = Format.algorithm
        bound[6] = kind.rawValue
        putBigEndian(vault.epoch, bound, 8)
        for index in 0..<min(16, vault.databaseID.count) {
            bound[12 + index] = vault.databaseID[index]
        }
        randombytes_buf(nonce, 16)
    }

    deinit {
        bound.deallocate()
        nonce.deallocate()
    }

    /// Names the message: its number in its file, and up to 32 clear bytes that belong to it.
    @inline(__always)
    private func bind(_ number: Int, _ clear: UnsafePointer<UInt8>?, _ count: Int) -> UInt64 {
        putBigEndian(UInt32(truncatingIfNeeded: number), bound, 28)
        if let clear { (bound + Sealer.fixed).update(from: clear, count: count) }
        return UInt64(Sealer.fixed + count)
    }

    /// Seals `count` bytes in place and writes nonce and tag (40 bytes) to `seal`.
    ///
    /// - Parameter note: four bytes that lie readable at `Sealer.noteOffset` of the seal; as a part
    ///   of the nonce they cannot be changed without being noticed.
    mutating func seal(
        _ message: UnsafeMutablePointer<UInt8>, count: Int, number: Int,
        clear: UnsafePointer<UInt8>? = nil, clearCount: Int = 0, note: UInt32 = 0,
        seal: UnsafeMutablePointer<UInt8>
    ) {
        counter &+= 1
        if counter == 0 { randombytes_buf(nonce, 16) }
        putBigEndian(counter, nonce, 16)
        putBigEndian(note, nonce, Sealer.noteOffset)
        seal.update(from: nonce, count: Format.nonce)
        #if SLUICE_UNSEALED
            (seal + Format.nonce).update(repeating: 0, count: Format.tag)
        #else
            let size = bind(number, clear, clearCount)
            _ = crypto_aead_xchacha20poly1305_ietf_encrypt_detached(
                message, seal + Format.nonce, nil, message, UInt64(count), bound, size, nil, nonce,
                key.pointer)
        #endif
    }

    /// Opens `count` bytes in place. Returns false when they are not what was sealed.
    func open(
        _ message: UnsafeMutablePointer<UInt8>, count: Int, number: Int,
        clear: UnsafePointer<UInt8>? = nil, clearCount: Int = 0, seal: UnsafePointer<UInt8>
    ) -> Bool {
        #if SLUICE_UNSEALED
            return true
        #else
            let size = bind(number, clear, clearCount)
            return crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
                message, nil, message, UInt64(count), seal + Format.nonce, bound, size, seal,
                key.pointer) == 0
        #endif
    }
}
