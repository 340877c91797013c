// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS

/// The write-ahead log: each frame sealed in place, as one message and with one write.
///
/// On disk a frame is `sealed page number and commit size (8) · salts, clear (8) · sealed checksum
/// (8) · sealed body (4056) · nonce and tag (40)`. The message is the sealed parts in this order.
/// SQLite's checksum is a linear function of the page and must not be readable, hence it is sealed
/// too. The salts and the number of the frame are bound to it, and so is a note: the number of the
/// first frame of its transaction.
final class LogFile: SealedFile {
    private unowned let main: MainFile
    private var sealer: Sealer
    /// Salts of the header that this connection saw last.
    private var salts: UInt64?
    /// A frame in the making. While it is opened or sealed its first two groups of 8 bytes are
    /// swapped, which puts the message into one piece behind the salts.
    private let frame = UnsafeMutablePointer<UInt8>.allocate(capacity: Format.frame)
    /// A header that waits for its page.
    private let held = UnsafeMutablePointer<UInt8>.allocate(capacity: Format.frameHeader)
    private var heldFrame: Int?
    /// The number of the opened frame that `frame` holds.
    private var openedFrame: Int?
    /// The first frame of the transaction of the frame that was opened last.
    private var openedStart = 0
    /// Sealed frames that follow each other and wait to be written in one piece. They belong to the
    /// transaction that this connection is writing, so nobody else reads them before the flush.
    private let waiting = UnsafeMutablePointer<UInt8>.allocate(
        capacity: LogFile.waitingMax * Format.frame)
    private var waitingCount = 0
    private var waitingFirst = 0
    /// The last frame that ends a transaction among those that wait, 0 for none.
    private var waitingCommit = 0

    /// Whether the log's name in its folder is known to be flushed.
    private var isNamed = false

    /// Frames that wait at most: SQLite's own file layer writes less than 128 KiB in one call.
    static let waitingMax = 31

    init(_ main: MainFile, _ file: UnsafeMutablePointer<sluice_file>) {
        self.main = main
        sealer = Sealer(main.vault, kind: .frame)
        super.init(main.vault, file)
    }

    deinit {
        frame.deallocate()
        held.deallocate()
        waiting.deallocate()
    }

    override func forget() { openedFrame = nil }

    // MARK: Reading

    override func read(_ out: UnsafeMutablePointer<UInt8>, _ size: Int, _ offset: Int) -> Int32 {
        guard size >= 0, offset >= 0 else { return sluice_ioerr_read }
        let code = settle()
        guard code == SQLITE_OK else { return code }
        if offset < Format.logHeader {
            guard offset + size <= Format.logHeader else { return sluice_ioerr_read }
            return readHeader(out, size, offset)
        }
        let number = (offset - Format.logHeader) / Format.frame + 1
        let within = (offset - Format.logHeader) % Format.frame
        guard within + size <= Format.frame else { return sluice_ioerr_read }
        // Another connection may have written this frame anew since it was opened here.
        forget()
        let opened = openFrame(number)
        if opened == SQLITE_OK, !main.isRecovering || LogHeader.salts(frame + 8) == salts {
            out.update(from: frame + within, count: size)
            if main.isRecovering { recovered(number) }
            if main.isCopying { main.copiedFrame = max(main.copiedFrame, number) }
            return SQLITE_OK
        }
        guard main.isRecovering, opened == SQLITE_OK || opened == sluice_ioerr_data else {
            return opened
        }
        // While recovering, a frame that does not open ends the log, as a torn frame does. It may
        // end it only in the last transaction: every other one was flushed before the next began,
        // and a frame whose transaction began behind this one proves that there was a next.
        forget()
        if hasFrame(after: number, where: { self.salts == $0 && self.openedStart > number }) {
            return damaged(.log, number)
        }
        out.update(repeating: 0, count: size)
        return SQLITE_OK
    }

    private func recovered(_ number: Int) {
        vault.logFrames = number
        // Behind the last commit may lie what is left of a torn transaction that a shorter one took
        // the place of. Its frames open, and SQLite leaves them out by its checksum; here it is told
        // by where its transaction began.
        guard bigEndian(frame, 4) != 0, openedStart == vault.lastCommitFrame + 1 else { return }
        vault.lastCommitFrame = number
        vault.logFlushed(vault.logWritten)
        vault.freshness?.recovered(commitFrame: number)
    }

    private func readHeader(_ out: UnsafeMutablePointer<UInt8>, _ size: Int, _ offset: Int) -> Int32
    {
        forget()
        let code = sluice_read(file, frame, Int32(Format.logHeader), 0)
        guard code == SQLITE_OK else { return code }
        let whole = LogHeader.turn(frame, from: Format.logVersion, to: Format.stockLogVersion)
        if whole {
            salts = LogHeader.salts(frame + 16)
        } else {
            // A header of zeros is one that never reached the disk. Any other one that is not ours
            // may hide commits; frames that still open prove it.
            salts = nil
            let zero = isZero(frame, Format.logHeader)
            if !zero, hasFrame(after: 0, where: { _ in true }) { return damaged(.log, 0) }
            frame.update(repeating: 0, count: Format.logHeader)
        }
        if main.isRecovering {
            vault.logFrames = 0
            vault.lastCommitFrame = 0
            vault.freshness?.recoveryBegan(salts: salts)
        }
        out.update(from: frame + offset, count: size)
        return SQLITE_OK
    }

    /// Reads frame `number` into `frame` and opens it there.
    private func openFrame(_ number: Int) -> Int32 {
        if openedFrame == number { return SQLITE_OK }
        openedFrame = nil
        let written = writeWaiting()
        guard written == SQLITE_OK else { return written }
        let offset = Format.logHeader + (number - 1) * Format.frame
        let code = sluice_read(file, frame, Int32(Format.frame), Int64(offset))
        if code == sluice_ioerr_short_read { return damagedFrame(number) }
        guard code == SQLITE_OK else { return code }
        swapGroups()
        let opened = sealer.open(
            frame + 8, count: Format.body + 16, number: number, clear: UnsafePointer(frame),
            clearCount: 8, seal: frame + Format.frameHeader + Format.body)
        swapGroups()
        guard opened else { return damagedFrame(number) }
        openedStart = Int(bigEndian(frame, Format.frameHeader + Format.body + Sealer.noteOffset))
        (frame + Format.frameHeader + Format.body).update(repeating: 0, count: Format.reserved)
        openedFrame = number
        return SQLITE_OK
    }

    private func damagedFrame(_ number: Int) -> Int32 {
        main.isRecovering ? sluice_ioerr_data : damaged(.log, number)
    }

    /// Whether a frame after `number` opens and, by its salts, is one that is looked for.
    private func hasFrame(after number: Int, where isWanted: (UInt64) -> Bool) -> Bool {
        var size: Int64 = 0
        guard sluice_size(file, &size) == SQLITE_OK else { return false }
        let last = (Int(size) - Format.logHeader) / Format.frame
        var next = number + 1
        while next <= last {
            defer { forget() }
            if openFrame(next) == SQLITE_OK, isWanted(LogHeader.salts(frame + 8)) { return true }
            next += 1
        }
        return false
    }

    // MARK: Writing

    override func write(_ bytes: UnsafePointer<UInt8>, _ size: Int, _ offset: Int) -> Int32 {
        guard !vault.isFenced else { return sluice_ioerr_write }
        if offset == 0 { return writeHeader(bytes, size) }
        guard offset >= Format.logHeader else { return sluice_ioerr_write }
        let number = (offset - Format.logHeader) / Format.frame + 1
        switch ((offset - Format.logHeader) % Format.frame, size) {
        case (0, Format.frameHeader): return writeFrameHeader(bytes, number)
        case (Format.frameHeader, Format.page): return writeBody(bytes, number)
        default: return sluice_ioerr_write
        }
    }

    private func writeHeader(_ bytes: UnsafePointer<UInt8>, _ size: Int) -> Int32 {
        guard size == Format.logHeader else { return sluice_ioerr_write }
        let code = settle()
        guard code == SQLITE_OK else { return code }
        forget()
        frame.update(from: bytes, count: size)
        guard LogHeader.turn(frame, from: Format.stockLogVersion, to: Format.logVersion) else {
            return sluice_ioerr_write
        }
        salts = LogHeader.salts(frame + 16)
        vault.logEnds()
        do {
            try vault.freshness?.begin(salts: LogHeader.salts(frame + 16))
        } catch {
            return vault.code(for: error)
        }
        vault.logFrames = 0
        vault.lastCommitFrame = 0
        let written = sluice_write(file, frame, Int32(size), 0)
        vault.logBegan()
        if written == SQLITE_OK {
            vault.freshness?.began()
        } else if written != SQLITE_FULL {
            // Half a header may lie there now, and the next one would have other salts.
            vault.fence("the log's header could not be written")
        }
        return written
    }

    /// Holds the header back until its page arrives, unless its page is already known: a header
    /// that is rewritten right after its frame was read has no page following it.
    private func writeFrameHeader(_ bytes: UnsafePointer<UInt8>, _ number: Int) -> Int32 {
        let code = settleHeader()
        guard code == SQLITE_OK else { return code }
        if openedFrame == number {
            frame.update(from: bytes, count: Format.frameHeader)
            return sealFrame(number)
        }
        held.update(from: bytes, count: Format.frameHeader)
        heldFrame = number
        return SQLITE_OK
    }

    private func writeBody(_ bytes: UnsafePointer<UInt8>, _ number: Int) -> Int32 {
        guard isZero(bytes + Format.body, Format.reserved) else { return sluice_ioerr_write }
        if heldFrame == number {
            frame.update(from: held, count: Format.frameHeader)
            heldFrame = nil
        } else {
            // A page that is written a second time in its transaction keeps its frame's header.
            var code = settleHeader()
            if code == SQLITE_OK { code = openFrame(number) }
            guard code == SQLITE_OK else { return code }
        }
        (frame + Format.frameHeader).update(from: bytes, count: Format.body)
        return sealFrame(number)
    }

    override func settle() -> Int32 {
        let code = settleHeader()
        return code == SQLITE_OK ? writeWaiting() : code
    }

    private func settleHeader() -> Int32 {
        guard let number = heldFrame else { return SQLITE_OK }
        heldFrame = nil
        let code = openFrame(number)
        guard code == SQLITE_OK else { return code }
        frame.update(from: held, count: Format.frameHeader)
        return sealFrame(number)
    }

    /// Seals `frame` and puts it behind those that wait.
    private func sealFrame(_ number: Int) -> Int32 {
        openedFrame = nil
        let isCommit = bigEndian(frame, 4) != 0
        // A frame behind the last commit belongs to the transaction that is being written. A frame
        // that is written anew was no commit: its transaction was undone, or torn by a crash.
        if number <= vault.lastCommitFrame {
            vault.lastCommitFrame = number - 1
            vault.freshness?.undone(from: number)
        }
        let start = vault.lastCommitFrame + 1
        swapGroups()
        sealer.seal(
            frame + 8, count: Format.body + 16, number: number, clear: UnsafePointer(frame),
            clearCount: 8, note: UInt32(truncatingIfNeeded: start),
            seal: frame + Format.frameHeader + Format.body)
        swapGroups()
        if vault.logFrames < number { vault.logFrames = number }
        if waitingCount == Self.waitingMax || number != waitingFirst + waitingCount {
            let code = writeWaiting()
            guard code == SQLITE_OK else { return code }
            waitingFirst = number
        }
        (waiting + waitingCount * Format.frame).update(from: frame, count: Format.frame)
        waitingCount += 1
        if isCommit { waitingCommit = number }
        return SQLITE_OK
    }

    /// Writes the frames that wait. After an error they are gone, and their transaction with them.
    private func writeWaiting() -> Int32 {
        guard waitingCount > 0 else { return SQLITE_OK }
        let offset = Format.logHeader + (waitingFirst - 1) * Format.frame
        let size = waitingCount * Format.frame
        waitingCount = 0
        let commit = waitingCommit
        waitingCommit = 0
        let code = sluice_write(file, waiting, Int32(size), Int64(offset))
        if code == SQLITE_OK, commit > 0 {
            vault.lastCommitFrame = commit
            vault.freshness?.committed(frame: commit)
        }
        return code
    }

    @inline(__always)
    private func swapGroups() {
        let base = UnsafeMutableRawPointer(frame)
        let first = base.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
        let second = base.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        base.storeBytes(of: second, toByteOffset: 0, as: UInt64.self)
        base.storeBytes(of: first, toByteOffset: 8, as: UInt64.self)
    }

    override func sync(_ flags: Int32) -> Int32 {
        let settled = settle()
        guard settled == SQLITE_OK else { return settled }
        let named = flushName()
        guard named == SQLITE_OK else { return named }
        // Another connection may write a commit while this one flushes: only what was written
        // before the flush began is durable after it.
        let reached = vault.logWritten
        let mark = vault.freshness?.mark()
        let code = super.sync(flags)
        guard code == SQLITE_OK else { return code }
        vault.logFlushed(reached)
        if let mark { vault.freshness?.noteFlushed(mark) }
        return code
    }

    /// A new log whose name is not on the disk is lost with all its commits. SQLite's own layer
    /// flushes the folder, too, and takes no notice when that fails.
    private func flushName() -> Int32 {
        guard !isNamed, !vault.isFenced else { return SQLITE_OK }
        do {
            try Disk.flushFolder(of: vault.path)
            isNamed = true
            return SQLITE_OK
        } catch {
            return vault.code(for: error)
        }
    }

    override func truncate(_ size: Int) -> Int32 {
        guard size == 0 else {
            let code = settle()
            forget()
            return code == SQLITE_OK ? super.truncate(size) : code
        }
        heldFrame = nil
        waitingCount = 0
        waitingCommit = 0
        forget()
        vault.logEnds()
        vault.logFrames = 0
        vault.lastCommitFrame = 0
        let code = super.truncate(size)
        vault.logBegan()
        return code
    }
}
