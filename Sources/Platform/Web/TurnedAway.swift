// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Synchronization

/// Tells the operator what the guard refused before it was a request of anybody: attempts to get
/// round it should be seen, and a flood of them must not fill the log.
///
/// The first refusal of a kind from an address is told at once; the rest of its minute is counted
/// and told with the next one, unless so many others came since that it was forgotten. Addresses
/// beyond `most` share one line.
final class TurnedAway: Sendable {
    private struct Told {
        /// Seconds of the clock that is given.
        var at: Int64
        var since: Int64
    }

    /// What a line may be told again after, in seconds.
    static let pause: Int64 = 60
    /// Kinds and addresses that are counted apart: more than attack a box of this size at once.
    static let most = 256

    private let told = Mutex<[String: Told]>([:])
    private let note: @Sendable (String) -> Void

    init(note: @escaping @Sendable (String) -> Void) {
        self.note = note
    }

    /// Counts a refusal, and tells it when it is time.
    ///
    /// - Parameter now: seconds of a clock that never goes back.
    func add(_ error: any Error, from address: String, at now: Int64) {
        let code = (error as? any Refusal)?.code ?? ProblemWriter.failedCode
        let since: Int64? = told.withLock { told in
            var key = "\(code) from \(address)"
            if told[key] == nil, told.count >= Self.most {
                told = told.filter { now - $0.value.at < Self.pause || $0.key == Self.others }
                if told.count >= Self.most { key = Self.others }
            }
            if var known = told[key], now - known.at < Self.pause {
                known.since = min(known.since, .max - 1) + 1
                told[key] = known
                return nil
            }
            let since = told[key]?.since ?? 0
            told[key] = Told(at: now, since: 0)
            return since
        }
        guard let since else { return }
        note(
            "refused at the door: \(code) from \(address)"
                + (since > 0 ? ", \(since) more of the kind since the line before" : ""))
    }

    private static let others = "others"
}
