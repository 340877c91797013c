// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc
import Synchronization

@testable import SealedStore

/// Something that came to the disk, or went out to whoever waits for an answer.
enum Event: Sendable {
    case step(DiskStep)
    /// The commit of this number was acknowledged.
    case acknowledged(Int)
    /// The key file was acknowledged to have so many slots.
    case slots(Int)
}

/// A step that is to fail.
struct Fault: Sendable {
    /// Which step that may fail so, from 1.
    var at: Int
    /// Whether all after it fail, too.
    var lasts: Bool
    /// EIO or ENOSPC.
    var number: Int32
}

/// The disk of this process: keeps a record of every step, and has some fail.
enum TestDisk {
    private struct State {
        var events: [Event]?
        var fault: Fault?
        var count = 0
        var failed = 0
        /// The first flush that was refused on each thread, by the thread's number.
        var flushes: [UInt: FailedFlush] = [:]
        /// Steps that the disk only pretends to take.
        var lie: Lie?
    }

    /// A disk that says that it has flushed and has not: whoever looks at states must find bad ones.
    enum Lie: String {
        case files, folders

        func covers(_ step: DiskStep) -> Bool {
            switch (self, step) {
            case (.files, .flush), (.folders, .flushFolder): true
            default: false
            }
        }
    }

    private static let state = Mutex(State())

    static func install() {
        Engine.below.withLock { $0.find = { FaultLayer.make() } }
        DiskWatch.watch { TestDisk.take($0) }
    }

    static func take(_ step: DiskStep) -> Int32 {
        state.withLock { state in
            if case .read = step {
            } else if state.lie?.covers(step) != true {
                state.events?.append(.step(step))
            }
            guard let fault = state.fault, isHit(step, fault.number) else { return 0 }
            state.count += 1
            guard fault.lasts ? state.count >= fault.at : state.count == fault.at else { return 0 }
            state.failed += 1
            switch step {
            case .flush(let path), .flushFolder(let path):
                let thread = currentThread()
                if state.flushes[thread] == nil { state.flushes[thread] = FailedFlush(path) }
            default: break
            }
            return fault.number
        }
    }

    /// A full disk refuses what needs room; a broken one refuses anything.
    private static func isHit(_ step: DiskStep, _ number: Int32) -> Bool {
        guard number == ENOSPC else { return true }
        return switch step {
        case .makeFolder, .create, .write: true
        case .read, .truncate, .flush, .rename, .exchange, .remove, .flushFolder: false
        }
    }

    // MARK: The record

    static func record() { state.withLock { $0.events = [] } }

    static func note(_ event: Event) { state.withLock { $0.events?.append(event) } }

    static func lie(_ lie: Lie) { state.withLock { $0.lie = lie } }

    static var length: Int { state.withLock { $0.events?.count ?? 0 } }

    /// Ends the record and returns it.
    static func recorded() -> [Event] {
        state.withLock { state in
            defer { state.events = nil }
            return state.events ?? []
        }
    }

    // MARK: Faults

    static func set(_ fault: Fault?) {
        state.withLock {
            $0.fault = fault
            $0.count = 0
            $0.failed = 0
            $0.flushes = [:]
        }
    }

    /// Ends the faults. Returns how many steps could have failed and how many did.
    @discardableResult
    static func mend() -> (points: Int, failed: Int) {
        state.withLock {
            $0.fault = nil
            return ($0.count, $0.failed)
        }
    }

    // MARK: Flushes that failed

    static func forgetFlushes() { state.withLock { $0.flushes = [:] } }

    static func forgetOwnFlush() {
        state.withLock { $0.flushes[currentThread()] = nil }
    }

    /// The flush that was refused first, on whichever thread.
    static var failedFlush: FailedFlush? {
        state.withLock { $0.flushes.values.min { $0.at < $1.at } }
    }

    /// The flush that was refused to the calling thread.
    static var ownFailedFlush: FailedFlush? { state.withLock { $0.flushes[currentThread()] } }
}

/// A flush that was refused.
struct FailedFlush: Sendable {
    let path: String
    let at = ContinuousClock.now
    /// Of the thread that asked for the flush, in nanoseconds.
    let processorTime = FailedFlush.ownTime()

    init(_ path: String) { self.path = path }

    /// Time that the calling thread has had a processor: what others do does not count.
    static func ownTime() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
