// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Errands
import Foundation

/// Errands that somebody waits for, in memory: they are handed out to the courier beside those of
/// the outbox, and their answers go back to whoever waits.
///
/// A backup asks, waits and tries again by itself in a minute. Were its errands rows of the outbox,
/// an upload that nobody waits for any more could be carried out days later over a newer one, and
/// each round would write to the books what the next round has to carry. Their numbers are below
/// zero, so that no errand of the outbox has the same.
package final class Hatch: ErrandRunner, @unchecked Sendable {  // See `condition`.
    /// Seconds without a courier after which it is taken for one that does not run: systemd starts
    /// it again after five.
    package static let awaySeconds = 15

    fileprivate enum State {
        case waiting, claimed
        case answered(Outcome)
    }

    fileprivate struct Call {
        let errand: Errand
        var state = State.waiting
        /// Whether nobody waits for it any more; it is remembered while the courier may have it.
        var isAbandoned = false
    }

    /// Held wherever anything below is read or changed.
    private let condition = NSCondition()
    /// By number, which falls with time.
    private var calls: [Int64: Call] = [:]
    private let first: Int64
    private var last: Int64
    private var bell: @Sendable () -> Void = {}
    private var isHere = false
    /// When the courier left, or when we began to wait for the first.
    private var leftAt = Date()
    private var isStopping = false

    package init() {
        // A courier may hold errands of a daemon before this one.
        first = -Int64.random(in: 1...(1 << 50))
        last = first
    }

    /// Sets what is rung when there is something for the courier.
    package func onCall(_ ring: @escaping @Sendable () -> Void) {
        condition.withLock { bell = ring }
    }

    /// Whether a courier takes errands now.
    package var hasCourier: Bool { condition.withLock { isHere } }

    // MARK: Whoever waits

    package func carry(_ errand: Errand, within seconds: Int) throws(CarryFault) -> Outcome.Answer {
        condition.lock()
        guard !isStopping else {
            condition.unlock()
            throw .stopping
        }
        last -= 1
        let id = last
        calls[id] = Call(errand: errand)
        let ring = bell
        condition.unlock()
        ring()
        let end = Date(timeIntervalSinceNow: TimeInterval(seconds))
        condition.lock()
        defer { condition.unlock() }
        while true {
            if case .answered(let outcome) = calls[id]?.state {
                calls[id] = nil
                switch outcome {
                case .done(let answer): return answer
                case .undone(let reason, let text): throw .undone(reason, text: text)
                }
            }
            if let fault = fault(at: Date(), end, seconds) {
                abandon(id)
                throw fault
            }
            let away = leftAt.addingTimeInterval(TimeInterval(Self.awaySeconds))
            _ = condition.wait(until: isHere ? end : min(end, away))
        }
    }

    private func fault(at now: Date, _ end: Date, _ seconds: Int) -> CarryFault? {
        if isStopping { return .stopping }
        if !isHere, now.timeIntervalSince(leftAt) >= TimeInterval(Self.awaySeconds) {
            return .courierAway
        }
        return now >= end ? .tookTooLong(seconds: seconds) : nil
    }

    private func abandon(_ id: Int64) {
        if case .claimed = calls[id]?.state {
            calls[id]?.isAbandoned = true
        } else {
            calls[id] = nil
        }
    }

    /// Lets everybody go who waits.
    package func stop() {
        condition.withLock {
            isStopping = true
            condition.broadcast()
        }
    }

    // MARK: The desk

    /// A courier was heard of.
    package func courierCame() {
        condition.withLock {
            isHere = true
            condition.broadcast()
        }
    }

    /// The courier is gone, and so is what it held.
    package func courierLeft() {
        condition.withLock {
            if isHere { leftAt = Date() }
            isHere = false
            free(besides: [])
            condition.broadcast()
        }
    }

    /// Hands out up to `most` errands, oldest first, to a courier that holds `holding`. What it was
    /// given before and does not hold was lost on the way and is handed out again.
    ///
    /// While it still carries something of a daemon before this one no object is handed out, and of
    /// one object never two: the older one could end last. Messages come first, and objects leave
    /// one carrier to them: somebody waits at the door.
    package func take(most: Int, holding: Set<Int64>) -> [NumberedErrand] {
        condition.withLock {
            for id in holding where calls[id] != nil {
                if case .waiting = calls[id]?.state { calls[id]?.state = .claimed }
            }
            free(besides: holding)
            // One of ours that is settled may still be in a claim that waited meanwhile.
            let isForeign = holding.contains { $0 < 0 && !(last..<first).contains($0) }
            let moved = calls.values.filter { $0.isClaimed && !$0.isMessage }
            var busy = Set(moved.map(\.place))
            var transfers = moved.count + holding.count { $0 > 0 }
            var given: [NumberedErrand] = []
            let inOrder = calls.sorted {
                $0.value.isMessage == $1.value.isMessage ? $0.key > $1.key : $0.value.isMessage
            }
            for (id, call) in inOrder where given.count < most {
                guard case .waiting = call.state else { continue }
                if !call.isMessage {
                    guard !isForeign, transfers < ErrandLimit.transfersAtOnce,
                        busy.insert(call.place).inserted
                    else { continue }
                    transfers += 1
                }
                calls[id]?.state = .claimed
                given.append(NumberedErrand(id: id, errand: call.errand))
            }
            return given
        }
    }

    /// Takes note of a report. False when it is not about an errand of this kind.
    package func settle(_ report: ErrandReport) -> Bool {
        guard report.id < 0 else { return false }
        condition.withLock {
            guard let call = calls[report.id] else { return }
            if case .answered = call.state { return }
            if case .undone(.stopped, _) = report.outcome {
                calls[report.id]?.state = .waiting
            } else {
                calls[report.id]?.state = .answered(report.outcome)
            }
            if call.isAbandoned { calls[report.id] = nil }
            condition.broadcast()
        }
        return true
    }

    private func free(besides holding: Set<Int64>) {
        for (id, call) in calls where call.isClaimed && !holding.contains(id) {
            if call.isAbandoned { calls[id] = nil } else { calls[id]?.state = .waiting }
        }
    }
}

extension Hatch.Call {
    fileprivate var isClaimed: Bool { if case .claimed = state { true } else { false } }
    fileprivate var isMessage: Bool { errand.work.isFleeting }
    /// The object that it is about, at its target; questions of lists have one place each.
    fileprivate var place: String { "\(errand.target.name) \(errand.work.object)" }
}
