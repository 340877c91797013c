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
        /// When a flush was refused last.
        var flushFailed: ContinuousClock.Instant?
        /// The file whose flush was refused.
        var flushedPath = ""
    }

    private static let state = Mutex(State())

    static func install() {
        Engine.below.withLock { $0 = { FaultLayer.make() } }
        DiskWatch.watch { TestDisk.take($0) }
    }

    static func take(_ step: DiskStep) -> Int32 {
        state.withLock { state in
            if case .read = step {} else { state.events?.append(.step(step)) }
            guard let fault = state.fault, isHit(step, fault.number) else { return 0 }
            state.count += 1
            guard fault.lasts ? state.count >= fault.at : state.count == fault.at else { return 0 }
            state.failed += 1
            if case .flush(let path) = step {
                state.flushFailed = .now
                state.flushedPath = path
            }
            return fault.number
        }
    }

    /// A full disk refuses what needs room; a broken one refuses anything.
    private static func isHit(_ step: DiskStep, _ number: Int32) -> Bool {
        guard number == ENOSPC else { return true }
        return switch step {
        case .makeFolder, .create, .write: true
        case .read, .truncate, .flush, .rename, .remove, .flushFolder: false
        }
    }

    // MARK: The record

    static func record() { state.withLock { $0.events = [] } }

    static func note(_ event: Event) { state.withLock { $0.events?.append(event) } }

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
            $0.flushFailed = nil
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

    static var flushFailed: (at: ContinuousClock.Instant, path: String)? {
        state.withLock { state in state.flushFailed.map { ($0, state.flushedPath) } }
    }
}
