// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Synchronization

/// Waits for folders, but not for ever: a share whose server is gone holds whoever touches it.
///
/// Each step runs on a thread of its own. One that does not come back in time is left behind, and
/// its folder gives no more answers until it does, so no more than one waits for it.
package final class Patience: Sendable {
    /// Threads that were left behind, by the folder that holds them.
    private let held = Mutex<[String: Int]>([:])

    package init() {}

    private final class Step<T: Sendable>: Sendable {
        let end = Mutex<(result: Result<T, any Error>?, isLeft: Bool)>((nil, false))
        let done = DispatchSemaphore(value: 0)
    }

    /// Runs `work`.
    ///
    /// - Throws: `BackupFault.silent` when it takes longer than `seconds`, or when an earlier step
    ///   at this place still has not come back; what `work` throws.
    func wait<T: Sendable>(
        for place: String, seconds: Int, _ work: @escaping @Sendable () throws -> T
    ) throws -> T {
        guard held.withLock({ $0[place] == nil }) else { throw BackupFault.silent(place) }
        let step = Step<T>()
        let thread = Thread { [self] in
            let result = Result { try work() }
            let isLeft = step.end.withLock { end in
                end.result = result
                return end.isLeft
            }
            if isLeft { comeBack(from: place) }
            step.done.signal()
        }
        thread.name = "backup-folder"
        thread.stackSize = 1 << 20
        thread.start()
        if step.done.wait(timeout: .now() + .seconds(seconds)) == .timedOut {
            leave(step, at: place)
        }
        guard let result = step.end.withLock({ $0.result }) else {
            throw BackupFault.silent(place)
        }
        return try result.get()
    }

    private func leave<T>(_ step: Step<T>, at place: String) {
        held.withLock { held in
            step.end.withLock { end in
                guard end.result == nil else { return }
                end.isLeft = true
                held[place, default: 0] += 1
            }
        }
    }

    private func comeBack(from place: String) {
        held.withLock { held in
            let left = (held[place] ?? 1) - 1
            held[place] = left > 0 ? left : nil
        }
    }
}

/// A folder that is waited for so long and no longer.
package struct TimedTarget: BackupTarget {
    private let folder: FolderTarget
    private let place: String
    private let patience: Patience
    private let seconds: Int

    /// - Parameters:
    ///   - place: full path of the folder.
    ///   - patience: of all who go to this folder.
    ///   - seconds: the longest that one step may take.
    /// - Throws: `BackupFault.badName`.
    package init(_ place: String, _ patience: Patience, seconds: Int) throws {
        folder = try FolderTarget(place)
        self.place = place
        self.patience = patience
        self.seconds = seconds
    }

    package func put(_ name: String, _ bytes: [UInt8]) throws {
        try ask { try $0.put(name, bytes) }
    }
    package func get(_ name: String) throws -> [UInt8]? { try ask { try $0.get(name) } }
    package func list(_ prefix: String) throws -> [BackupObject] {
        try ask { try $0.list(prefix) }
    }
    package func delete(_ name: String) throws { try ask { try $0.delete(name) } }

    /// Asks about the folder itself.
    ///
    /// - Throws: `BackupFault.silent`, and what `work` throws.
    package func ask<T: Sendable>(
        _ work: @escaping @Sendable (FolderTarget) throws -> T
    ) throws -> T {
        try patience.wait(for: place, seconds: seconds) { [folder] in try work(folder) }
    }
}
