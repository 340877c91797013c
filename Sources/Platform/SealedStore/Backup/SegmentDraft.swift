// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// A segment in the making: frames as they lie in the log, with room before and behind them, in
/// memory that the disk can take them from. Used over and over; each frame is copied once.
final class SegmentDraft {
    private let memory: UnsafeMutableRawPointer
    private let size: Int
    /// Bytes before the first frame.
    private let start: Int
    private(set) var count = 0

    init() {
        let empty = Segment(
            chain: ChainID(at: Instant(microseconds: 0)), sequence: 1, logStart: 1,
            salts: [UInt8](repeating: 0, count: 8), first: 1, last: 0, closes: false,
            commitBefore: 0, commit: 0, at: Instant(microseconds: 0), previous: Segment.start)
        start = Container.preamble + empty.head.count
        let most = start + Segment.framesMost * Format.frame + Container.macSize
        size = (most + Disk.block - 1) / Disk.block * Disk.block
        memory = .allocate(byteCount: size, alignment: Disk.block)
    }

    deinit { memory.deallocate() }

    /// Reads `count` frames of the log, from frame `first` on.
    ///
    /// - Throws: `BackupFault.cut` when the log is shorter, `SystemFault`.
    func read(_ log: borrowing LogReading, from first: Int, count: Int) throws {
        self.count = 0
        guard (0...Segment.framesMost).contains(count) else { throw BackupFault.cut("the log") }
        try log.read(
            into: UnsafeMutableRawBufferPointer(
                start: memory + start, count: count * Format.frame), from: first)
        self.count = count
    }

    /// The number of the frame with which the transaction of a frame begins; 0 for a frame that was
    /// not read.
    /// - Parameter index: of the frame, from 0.
    func transactionStart(of index: Int) -> Int {
        guard (0..<count).contains(index) else { return 0 }
        return LogReading.transactionStart(in: memory + start + index * Format.frame)
    }

    /// Closes the segment around the frames that were read. The bytes are there until the next ones
    /// are read; they may be read to the next border of a block, where zeros follow.
    func close(
        _ segment: Segment, _ seal: BackupSeal
    ) throws -> (bytes: UnsafeRawBufferPointer, link: [UInt8]) {
        let length = count * Format.frame
        let before = Container.start(
            .segment, head: segment.head, bodyCount: length, seal: seal)
        guard before.count == start else { throw BackupFault.altered(segment.name) }
        var signed = before
        signed.reserveCapacity(start + count * Format.reserved)
        Container.addSeals(
            of: UnsafeRawBufferPointer(start: memory + start, count: length), to: &signed)
        let mac = try seal.mac(of: signed, epoch: seal.epoch)
        memory.copyMemory(from: before, byteCount: start)
        (memory + start + length).copyMemory(from: mac, byteCount: mac.count)
        let end = start + length + mac.count
        let whole = min(size, (end + Disk.block - 1) / Disk.block * Disk.block)
        (memory + end).initializeMemory(as: UInt8.self, repeating: 0, count: whole - end)
        return (UnsafeRawBufferPointer(start: memory, count: end), BackupSeal.link(mac))
    }
}
