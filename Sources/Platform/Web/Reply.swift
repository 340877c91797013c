// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
package import Kernel
import Synchronization

/// Takes the answer of one request to wherever it came from.
protocol ReplyTarget: AnyObject, Sendable {
    func deliver(_ response: Response)
    /// Whether nobody is there any more to take it.
    var isGone: Bool { get }
}

extension ReplyTarget {
    var isGone: Bool { false }
}

/// The way back to one client. The first answer counts; a reply that is let go without an answer
/// answers 500, so no client waits for nothing.
package final class Reply: Sendable {
    private let target: any ReplyTarget
    private let problems: ProblemWriter
    private let head: RequestHead
    private let isAnswered = Atomic<Bool>(false)
    private let finishing = Mutex<Finishing?>(nil)

    /// In a value of its own: a mutex must not hold a naked closure (`ClosureTests`).
    private struct Finishing {
        let work: @Sendable (Response) -> Response
    }
    private let watch = Mutex<Watch?>(nil)

    init(head: RequestHead, problems: ProblemWriter, target: any ReplyTarget) {
        self.head = head
        self.problems = problems
        self.target = target
    }

    /// Names the request in answers and logs.
    package var requestID: String { head.requestID }

    /// Whether the client closed its end while it waited. libmicrohttpd does not look at a connection
    /// that sleeps, so whoever lets requests wait for long asks here. From any thread.
    package var isGone: Bool { target.isGone }

    /// Has the answer, whatever it will be, go through `work` before it is sent: signed, for example.
    package func finish(_ work: @escaping @Sendable (Response) -> Response) {
        finishing.withLock { $0 = Finishing(work: work) }
    }

    private func deliver(_ response: Response) {
        let finishing = finishing.withLock { $0 }
        target.deliver(finishing?.work(response) ?? response)
    }
    /// Lets a witness know how the request ends.
    func watch(_ watch: Watch) { self.watch.withLock { $0 = watch } }

    /// Sends the answer. From any thread; a second call does nothing.
    package func send(_ response: Response) {
        guard !isAnswered.exchange(true, ordering: .acquiringAndReleasing) else { return }
        watch.withLock { $0 }?.answered(response.status)
        deliver(response)
    }

    /// Sends the problem document for `error`: of a refusal what it says, of anything else 500.
    package func fail(_ error: any Error, in language: Language? = nil) {
        guard !isAnswered.exchange(true, ordering: .acquiringAndReleasing) else { return }
        watch.withLock { $0 }?.refused(error)
        deliver(problem(error, language))
    }

    /// Sends the JSON of `value`, names sorted; a value that cannot be encoded is a 500.
    package func send(
        json value: some Encodable, status: Int = 200, headers: [Response.Header] = [],
        in language: Language? = nil
    ) {
        do {
            send(try Response.json(value, status: status, headers: headers))
        } catch {
            fail(error, in: language)
        }
    }

    private func problem(_ error: any Error, _ language: Language?) -> Response {
        problems.response(
            for: error, requestID: head.requestID, language: language ?? head.language,
            asLine: head.wantsLine)
    }

    deinit {
        if !isAnswered.load(ordering: .acquiring) {
            target.deliver(problem(ReplyLost(), nil))
        }
    }
}

/// A handler let its reply go without answering: a fault of the program.
struct ReplyLost: Error {}

/// Waits for the answer of one request made inside the process.
private final class LocalTarget: ReplyTarget {
    private let answer = Mutex<Response?>(nil)
    private let arrived = DispatchSemaphore(value: 0)

    func deliver(_ response: Response) {
        answer.withLock { $0 = response }
        arrived.signal()
    }

    func wait(seconds: Int) -> Response? {
        _ = arrived.wait(timeout: .now() + .seconds(seconds))
        return answer.withLock { $0 }
    }
}

extension RequestHandler {
    /// Asks this handler without a socket and waits for the answer, as tests and commands inside
    /// the process do. Nil when none came in time; must not be called on a connection thread.
    package func answer(
        to request: Request, problems: ProblemWriter, waitingSeconds: Int = 30
    ) -> Response? {
        let target = LocalTarget()
        if request.body.count > bodyLimit(for: request.head).bytesMax {
            let most = bodyLimit(for: request.head).bytesMax
            Reply(head: request.head, problems: problems, target: target)
                .fail(WebRefusal.bodyTooLarge(most: most))
        } else {
            handle(request, Reply(head: request.head, problems: problems, target: target))
        }
        return target.wait(seconds: waitingSeconds)
    }
}
