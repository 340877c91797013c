// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc
import Synchronization

@testable import SealedStore

/// Something that fails at a chosen point of a scenario: a step on the disk, or an allocation.
struct Trouble: Sendable, CustomStringConvertible {
    enum Kind: String, CaseIterable, Sendable { case broken, full, memory }
    var kind: Kind
    /// Which point, from 1.
    var at: Int
    var lasts: Bool

    var description: String { "\(kind) at \(at)\(lasts ? " and on" : "")" }

    func begin() {
        switch kind {
        case .broken: TestDisk.set(Fault(at: at, lasts: lasts, number: EIO))
        case .full: TestDisk.set(Fault(at: at, lasts: lasts, number: ENOSPC))
        case .memory: TestMemory.set(at: at, lasts: lasts)
        }
    }

    /// Returns how many points there were and how many failed.
    func end() -> (points: Int, failed: Int) {
        kind == .memory ? TestMemory.mend() : TestDisk.mend()
    }
}

/// Has one thing after the other fail in the same short life of the books, once and from then on.
/// Whatever fails: what was acknowledged is there afterwards, what was refused is not, and every
/// error has a type.
struct TroubleRun {
    let folder: String
    let seed: UInt64
    /// Every how many points one is tried.
    let step: Int
    private(set) var points = 0
    private(set) var hits = 0
    private(set) var bad = 0
    /// The longest time from a failed flush to the fence: by the clock, and in nanoseconds that the
    /// thread had a processor.
    private(set) var slowest = Duration.zero
    private(set) var slowestOwn = 0
    private(set) var fences = 0
    /// Seconds after which a scenario that hangs is ended, and the program with it.
    private static let patience: UInt32 = 60

    init(folder: String, seed: UInt64, step: Int) {
        self.folder = folder
        self.seed = seed
        self.step = step
    }

    mutating func run(_ kind: Trouble.Kind) throws {
        // SQLite itself starts without trouble.
        try Books(base: folder + "/first").open().close()
        for lasts in [false, true] {
            var at = 1 + Int(seed % UInt64(step))
            while true {
                let trouble = Trouble(kind: kind, at: at, lasts: lasts)
                say("trying \(trouble)")
                alarm(TroubleRun.patience)
                guard try attempt(trouble) else { break }
                at += step
            }
        }
        alarm(0)
    }

    /// Returns false when the scenario ended before the point was reached.
    private mutating func attempt(_ trouble: Trouble) throws -> Bool {
        let books = try Books(base: folder + "/troubled")
        var course = Course()
        trouble.begin()
        course.run(books, trouble)
        let (_, failed) = trouble.end()
        guard failed > 0 else { return false }
        points += 1
        hits += failed
        if let fence = course.fence.value {
            fences += 1
            slowest = max(slowest, fence.took)
            slowestOwn = max(slowestOwn, fence.own)
        }
        do {
            try judge(course, trouble, books)
        } catch {
            bad += 1
            say("BAD seed \(seed), \(trouble): \(error)")
        }
        return true
    }

    private func judge(_ course: Course, _ trouble: Trouble, _ books: Books) throws {
        if let wrong = course.wrong { throw Bad(wrong) }
        let store: SealedStore
        do {
            store = try books.open()
        } catch {
            throw Bad("does not open afterwards: \(error)")
        }
        defer { store.close() }
        let there = try Books.numbers(store)
        let done = Set(course.done)
        guard done.isSubset(of: there) else {
            throw Bad("lost \(done.subtracting(there).sorted())")
        }
        // Only the last commit, whose flush failed, may be there without having been acknowledged.
        let last = done.max() ?? 0
        let doubtful = there.subtracting(done)
        guard doubtful.isSubset(of: course.failed), doubtful.allSatisfy({ $0 > last }) else {
            throw Bad("refused and there: \(doubtful.sorted()), done to \(last)")
        }
        guard doubtful.isEmpty || course.isFenced || trouble.lasts else {
            throw Bad("refused without a fence and there: \(doubtful.sorted())")
        }
        if let flaw = try Books.flaw(store) { throw Bad(flaw) }
        // Things go on.
        let result = Books.commit(store, from: 100_000, sizes: [100])
        if case .failure(let error) = result[0] { throw Bad("does not go on: \(error)") }
    }
}

/// When a store was fenced after a flush that failed on the same thread.
final class FenceMoment: Sendable {
    private let moment = Mutex<(took: Duration, own: Int)?>(nil)

    /// Called by the fence, on the thread that sets it.
    func mark() {
        guard let flush = TestDisk.ownFailedFlush else { return }
        let took = flush.at.duration(to: .now)
        let own = FailedFlush.ownTime() - flush.processorTime
        moment.withLock { $0 = $0 ?? (took, own) }
    }

    var value: (took: Duration, own: Int)? { moment.withLock { $0 } }
}

/// One short life of the books in trouble, and what was said in it.
struct Course {
    var done: [Int] = []
    var failed: Set<Int> = []
    var wrong: String?
    var isFenced = false
    let fence = FenceMoment()

    mutating func run(_ books: Books, _ trouble: Trouble) {
        for half in 0..<2 {
            // A flush that fails while the store is opened fails the opening, or fences.
            TestDisk.forgetFlushes()
            let store: SealedStore
            do {
                store = try TestMemory.sparing { try books.open() }
            } catch {
                check(error, trouble)
                _ = Overseer.takeFinding()
                continue
            }
            store.onFence { [fence] _ in fence.mark() }
            work(store, half, trouble)
            isFenced = store.health.isFenced
            if let flush = TestDisk.failedFlush {
                // It may have failed a moment ago on a thread of the store's own, which everybody
                // else goes before: how long it took is a figure, that it happened is the test.
                while !isFenced, flush.at.duration(to: .now) < Course.patience {
                    isFenced = store.health.isFenced
                }
                if !isFenced { wrong = "a failed flush of \(flush.path) did not fence" }
            }
            if trouble.kind == .full, isFenced { wrong = "fenced by a full disk" }
            store.close()
            if let finding = Overseer.takeFinding() { wrong = finding }
            if isFenced { break }
        }
    }

    /// How long a thread of the store may wait for a processor between flush and fence.
    private static let patience = Duration.seconds(20)

    private mutating func work(_ store: SealedStore, _ half: Int, _ trouble: Trouble) {
        for index in 0..<8 {
            // Space returns.
            if half == 1, index == 4, trouble.kind == .full { _ = trouble.pause() }
            let sizes = index == 3 ? [30_000, 50_000, 40_000] : [500, 2_000, 100]
            let first = (half * 8 + index) * 10 + 1
            let refusing = index % 3 == 1
            let wasFenced = store.health.isFenced
            let results = Books.commit(store, from: first, sizes: sizes, refusing: refusing)
            for (offset, result) in results.enumerated() {
                switch result {
                case .success:
                    done.append(first + offset)
                    if wasFenced { wrong = "acknowledged \(first + offset) behind the fence" }
                case .failure(let error):
                    failed.insert(first + offset)
                    if !(error is Books.Refused) { check(error, trouble) }
                    if half == 1, index >= 4, trouble.kind == .full, !(error is Books.Refused) {
                        wrong = "does not go on when space returns: \(error)"
                    }
                }
            }
            if index == 2 { _ = try? store.onWriter { Copying.full($0) } }
            if index == 5 { note(store) }
            if index == 6 { _ = try? store.onWriter { Copying.truncate($0) } }
        }
    }

    /// Notes in the ledger as whoever tells of acceptances does: a failed flush has fenced the store
    /// when the call returns.
    private mutating func note(_ store: SealedStore) {
        TestDisk.forgetOwnFlush()
        do {
            try store.acceptancesAreTold()
        } catch {
            guard let flush = TestDisk.ownFailedFlush, !store.health.isFenced else { return }
            wrong = "returned unfenced from a failed flush of \(flush.path)"
        }
    }

    /// Every error has a type, and a full disk is called full.
    private mutating func check(_ error: any Error, _ trouble: Trouble) {
        switch (trouble.kind, error) {
        case (.full, StoreFault.full): break
        case (.full, StoreFault.system(let fault)) where fault.number == ENOSPC: break
        case (.full, StoreFault.statement(let code, _, _)) where code & 0xFF == 14: break
        case (.broken, is StoreFault), (.memory, is StoreFault): break
        case (.memory, is KeyFault): break
        default: wrong = "unexpected \(error)"
        }
        if case StoreFault.damaged = error { wrong = "false alarm: \(error)" }
        if case StoreFault.behind = error { wrong = "false alarm: \(error)" }
    }
}

extension Trouble {
    /// Stops what fails; what failed so far still counts.
    fileprivate func pause() -> Bool {
        TestDisk.mend()
        return true
    }
}
