// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Carriage
import Errands
import Foundation
import Secrets
import Web

/// The courier at work: one thread asks the daemon for errands, a few carry them out and report.
///
/// Every claim names the errands that are held, so the daemon knows at once which of those that it
/// gave away were lost, here or on the way.
final class Round: @unchecked Sendable {  // `condition` guards all that changes.
    /// Errands carried out at the same time.
    private static let carriers = ErrandLimit.transfersAtOnce + 1
    /// The longest wait for the answer to a claim: the daemon's 25 s and a little.
    private static let claimSeconds = 40
    private static let reportSeconds = 30
    /// Seconds between tries while the daemon does not answer, doubling.
    private static let pauses = 1...30

    private let condition = NSCondition()
    private var waiting: [NumberedErrand] = []
    private var held: Set<Int64> = []
    private var isStopping = false

    private let socket: String
    private let settings: CarriageSettings
    private let stopSign = StopSign()
    /// Names this run of the program to the daemon.
    private let token = Random.text(26)

    init(socket: String, settings: CarriageSettings) {
        self.socket = socket
        self.settings = settings
    }

    func start() {
        say("taking errands from \(socket)")
        run("claims") { $0.claimForever() }
        run("presence") { $0.attendForever() }
        for number in 1...Self.carriers { run("carrier-\(number)") { $0.carryForever() } }
    }

    private func run(_ name: String, _ body: @escaping @Sendable (Round) -> Void) {
        let thread = Thread { [self] in body(self) }
        thread.name = name
        thread.start()
    }

    /// Breaks off what is under way. Unreported errands are given out again at the next claim.
    func stop() {
        stopSign.set()
        condition.withLock {
            isStopping = true
            condition.broadcast()
        }
    }

    // MARK: Claims

    private func claimForever() {
        var isFirst = true
        var pause = Self.pauses.lowerBound
        while let (held, room) = roomForMore() {
            do throws(CarriageFailure) {
                let errands = try claim(holding: held, most: room, isFirst: isFirst)
                if !isFirst && pause > Self.pauses.lowerBound { say("the daemon answers again") }
                isFirst = false
                pause = Self.pauses.lowerBound
                take(errands)
            } catch {
                if stopSign.isUp { return }
                if pause == Self.pauses.lowerBound { say("no errands: \(error.text)") }
                rest(seconds: pause)
                pause = min(pause * 2, Self.pauses.upperBound)
            }
        }
    }

    /// Waits until a carrier is free; nil when stopping.
    private func roomForMore() -> (held: Set<Int64>, room: Int)? {
        condition.withLock {
            while !isStopping, held.count >= Self.carriers { condition.wait() }
            return isStopping ? nil : (held, Self.carriers - held.count)
        }
    }

    private func rest(seconds: Int) {
        condition.withLock {
            let end = Date(timeIntervalSinceNow: TimeInterval(seconds))
            while !isStopping, condition.wait(until: end) {}
        }
    }

    private func claim(
        holding held: Set<Int64>, most: Int, isFirst: Bool
    ) throws(CarriageFailure) -> [NumberedErrand] {
        let line = try DaemonLine(
            socket, answerSeconds: Self.claimSeconds, stopSign: stopSign)
        let answer = try line.post(
            "/courier/v1/claims",
            json: JSON.object([
                "courier": .text(token), "first": .flag(isFirst), "most": .integer(Int64(most)),
                "holding": .list(held.sorted().map { .integer($0) }),
            ]).bytes())
        let document = (try? JSON(reading: answer.body)) ?? .null
        guard answer.status == 200 else {
            if document["code"]?.text == ErrandRefusal.courierReplaced.code { endReplaced() }
            throw CarriageFailure(
                .refused,
                "the daemon refuses (\(answer.status) \(document["code"]?.text ?? ""))")
        }
        // One that cannot be read is reported, so that it is not given out for ever.
        return (document["errands"]?.elements ?? []).compactMap { element in
            do throws(ErrandRefusal) {
                return try NumberedErrand(element)
            } catch {
                let outcome = Outcome.undone(.errandUnreadable, text: sentence(of: error))
                report(ErrandReport(id: element["id"]?.integer ?? 0, outcome: outcome))
                return nil
            }
        }
    }

    private func take(_ errands: [NumberedErrand]) {
        condition.withLock {
            for errand in errands where held.insert(errand.id).inserted { waiting.append(errand) }
            condition.broadcast()
        }
    }

    // MARK: Presence

    /// Keeps one request open, also while all carriers are busy and no claim waits: by its end the
    /// daemon knows at once that this process is gone.
    private func attendForever() {
        let body = JSON.object(["courier": .text(token)]).bytes()
        while !stopSign.isUp {
            let line = try? DaemonLine(socket, answerSeconds: Self.claimSeconds, stopSign: stopSign)
            let answer = try? line?.post("/courier/v1/presence", json: body)
            // Before the first claim the daemon does not know us yet.
            if answer?.status != 200 { rest(seconds: Self.pauses.lowerBound) }
        }
    }

    // MARK: Carrying

    private func carryForever() {
        let carrier = Carrier(settings, stopSign: stopSign)
        while let numbered = next() {
            let outcome = carrier.carryOut(numbered.errand)
            if stopSign.isUp { return }
            if case .undone(let reason, let text) = outcome {
                let (work, target) = (numbered.errand.work, numbered.errand.target.name)
                say(
                    "errand \(numbered.id), \(work.kind) \(work.object) at \(target): "
                        + "\(reason.rawValue): \(text)")
            }
            report(ErrandReport(id: numbered.id, outcome: outcome))
            condition.withLock {
                held.remove(numbered.id)
                condition.broadcast()
            }
        }
    }

    private func next() -> NumberedErrand? {
        condition.withLock {
            while !isStopping, waiting.isEmpty { condition.wait() }
            return isStopping ? nil : waiting.removeFirst()
        }
    }

    /// Reports until the daemon has taken note: only then is the errand no longer held.
    private func report(_ report: ErrandReport) {
        var pause = Self.pauses.lowerBound
        while !stopSign.isUp {
            if let answer = try? send(report) {
                if answer.status == 200 { return }
                // A report that it will never take would be sent for ever.
                if (400..<500).contains(answer.status) {
                    return say("the daemon refused a report (\(answer.status))")
                }
            }
            rest(seconds: pause)
            pause = min(pause * 2, Self.pauses.upperBound)
        }
    }

    private func send(_ report: ErrandReport) throws(CarriageFailure) -> DaemonLine.Answer {
        let line = try DaemonLine(
            socket, answerSeconds: Self.reportSeconds, stopSign: stopSign)
        return try line.post(
            "/courier/v1/results",
            json: JSON.object(["courier": .text(token), "report": report.json]).bytes())
    }
}
