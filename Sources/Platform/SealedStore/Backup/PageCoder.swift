// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// Opens and seals single pages and frames outside of SQLite, as `MainFile` and `LogFile` do.
struct PageCoder: ~Copyable {
    private let vault: Vault
    private var sealer: Sealer
    private let frames: Sealer
    private let scratch = UnsafeMutablePointer<UInt8>.allocate(capacity: Format.frame)

    init(_ vault: Vault) {
        self.vault = vault
        sealer = Sealer(vault, kind: .page)
        frames = Sealer(vault, kind: .frame)
    }

    deinit { scratch.deallocate() }

    /// Whether the sealed page at `offset` is page `number` of this store. The page that SQLite
    /// never writes is zero.
    func opens(_ bytes: [UInt8], at offset: Int, _ number: Int) -> Bool {
        bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress, offset + Format.page <= buffer.count else {
                return false
            }
            if number == Format.lockPage { return isZero(base + offset, Format.page) }
            scratch.update(from: base + offset, count: Format.page)
            return openScratch(number)
        }
    }

    private func openScratch(_ number: Int) -> Bool {
        let skip = number == 1 ? Format.mark : 0
        return sealer.open(
            scratch + skip, count: Format.body - skip, number: number,
            clear: skip > 0 ? scratch : nil, clearCount: skip, seal: scratch + Format.body)
    }

    /// Seals page `number` of another store anew for this one, in place.
    mutating func reseal(
        _ bytes: inout [UInt8], at offset: Int, _ number: Int, from other: borrowing PageCoder
    ) -> Bool {
        guard number != Format.lockPage else { return true }
        guard other.opens(bytes, at: offset, number) else { return false }
        return bytes.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            (base + offset).update(from: other.scratch, count: Format.page)
            seal(base + offset, number)
            return true
        }
    }

    /// A frame that was opened.
    struct Frame {
        let page: Int
        /// Pages of the main file after this commit; 0 in a frame that is none.
        let pagesAfter: Int
    }

    /// Opens frame `number` at `offset` and writes its page, sealed for `target`, to `out`.
    /// Nil when it is not that frame of that log.
    func turn(
        frame bytes: ArraySlice<UInt8>, _ number: Int, salts: [UInt8], into out: inout [UInt8],
        for target: inout PageCoder
    ) -> Frame? {
        guard open(frame: bytes, number, salts: salts) else { return nil }
        let frame = Frame(page: Int(bigEndian(scratch, 0)), pagesAfter: Int(bigEndian(scratch, 4)))
        guard frame.page > 0, frame.page != Format.lockPage else { return nil }
        out.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress, buffer.count == Format.page else { return }
            base.update(from: scratch + Format.frameHeader, count: Format.page)
            target.seal(base, frame.page)
        }
        return frame
    }

    /// Whether these are the frames of `segment`, each as it was sealed.
    func opens(frames bytes: ArraySlice<UInt8>, of segment: Segment) -> Bool {
        guard bytes.count == segment.frames * Format.frame else { return false }
        return (0..<segment.frames).allSatisfy { index in
            let start = bytes.startIndex + index * Format.frame
            return open(
                frame: bytes[start..<start + Format.frame], segment.first + index,
                salts: segment.salts)
        }
    }

    /// Opens a frame into `scratch`.
    private func open(frame bytes: ArraySlice<UInt8>, _ number: Int, salts: [UInt8]) -> Bool {
        guard bytes.count == Format.frame,
            bytes[(bytes.startIndex + 8)...].prefix(8).elementsEqual(salts)
        else { return false }
        bytes.withUnsafeBufferPointer { buffer in
            if let base = buffer.baseAddress { scratch.update(from: base, count: Format.frame) }
        }
        swapGroups()
        let opened = frames.open(
            scratch + 8, count: Format.body + 16, number: number, clear: UnsafePointer(scratch),
            clearCount: 8, seal: scratch + Format.frameHeader + Format.body)
        swapGroups()
        return opened
    }

    private mutating func seal(_ page: UnsafeMutablePointer<UInt8>, _ number: Int) {
        let skip = number == 1 ? Format.mark : 0
        if skip > 0 { page.update(from: vault.mark, count: skip) }
        sealer.seal(
            page + skip, count: Format.body - skip, number: number,
            clear: skip > 0 ? UnsafePointer(page) : nil, clearCount: skip,
            seal: page + Format.body)
    }

    private func swapGroups() {
        let base = UnsafeMutableRawPointer(scratch)
        let first = base.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
        let second = base.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        base.storeBytes(of: second, toByteOffset: 0, as: UInt64.self)
        base.storeBytes(of: first, toByteOffset: 8, as: UInt64.self)
    }
}
