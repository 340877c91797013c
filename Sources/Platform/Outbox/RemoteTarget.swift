// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Errands
package import SealedStore
import Secrets

/// A target on another machine: each verb is an errand of the courier, waited for with a limit.
///
/// Objects go through files, so that the courier sees neither keys nor books; the largest are packs
/// and parts of snapshots, 8 to 16 MiB.
package struct RemoteTarget: BackupTarget {
    /// How long somebody waits.
    package enum Haste: Sendable {
        /// A job in the night: as long as the size of the object allows.
        case job
        /// A person at a screen: until then, whatever is under way.
        case person(until: ContinuousClock.Instant)

        /// A person who waits for so many seconds from now on.
        package static func person(seconds: Int) -> Haste {
            .person(until: .now + .seconds(seconds))
        }
    }

    private let target: ErrandTarget
    private let runner: any ErrandRunner
    private let files: ErrandFolder
    private let haste: Haste

    /// Seconds for anything at all: connecting, signing in, a slow disk over there. Above the
    /// minute after which the courier gives a dead transfer up by itself, so that its reason comes.
    private static let baseSeconds = 180
    /// Bytes a second that any line must do, three transfers at once: a quarter of a megabit.
    private static let slowest = 32 << 10
    /// Bytes of an object that is fetched without knowing its size.
    private static let usualSize = 16 << 20
    /// Pages of one list: four million objects.
    private static let pagesMost = 4096

    package init(
        _ target: ErrandTarget, by runner: any ErrandRunner, through files: ErrandFolder,
        haste: Haste = .job
    ) {
        self.target = target
        self.runner = runner
        self.files = files
        self.haste = haste
    }

    package func put(_ name: String, _ bytes: [UInt8]) throws {
        let object = try object(name)
        var hash = SHA256Stream()
        bytes.withUnsafeBytes { hash.update($0) }
        let sha256 = Digest.hex(hash.digest())
        _ = try files.with(bytes) { file throws(CarryFault) in
            try carry(
                .put(object: object, file: file, size: Int64(bytes.count), sha256: sha256),
                size: bytes.count)
        }
    }

    package func get(_ name: String) throws -> [UInt8]? {
        let object = try object(name)
        do throws(CarryFault) {
            return try files.fetch(most: BackupObject.sizeMost) { file throws(CarryFault) in
                _ = try carry(
                    .get(object: object, file: file, size: nil, sha256: nil), size: Self.usualSize)
            }
        } catch {
            if case .undone(.objectMissing, _) = error { return nil }
            throw error
        }
    }

    package func list(_ prefix: String) throws -> [BackupObject] {
        var found: [BackupObject] = []
        var after: String?
        for _ in 0..<Self.pagesMost {
            let work = Errand.Work.list(prefix: prefix, after: after, limit: ErrandLimit.listed)
            guard case .listed(let page, let next) = try carry(work, size: Self.usualSize) else {
                throw CarryFault.undone(.answerUnreadable, text: "The courier's answer is no list.")
            }
            found += page.compactMap { one in
                BackupObject.isName(one.object.text)
                    ? BackupObject(name: one.object.text, size: Int(clamping: one.size)) : nil
            }
            guard let next else { return found }
            after = next
        }
        throw CarryFault.undone(.answerUnreadable, text: "The target's list has no end.")
    }

    package func delete(_ name: String) throws {
        _ = try carry(.delete(object: try object(name)), size: 0)
    }

    package func probe() throws { _ = try probing() }

    /// Tries everything once with a few bytes. Returns whether objects can be removed; a target
    /// that keeps everything is a good one, and retention leaves it alone.
    package func probing() throws -> Bool {
        guard case .probed(let mayDelete) = try carry(.probe, size: 0) else {
            throw CarryFault.undone(.answerUnreadable, text: "The courier's answer is no probe.")
        }
        return mayDelete
    }

    private func object(_ name: String) throws -> ObjectName {
        guard BackupObject.isName(name), let object = try? ObjectName(name) else {
            throw BackupFault.badName(name)
        }
        return object
    }

    private func carry(_ work: Errand.Work, size: Int) throws(CarryFault) -> Outcome.Answer {
        let seconds: Int
        switch haste {
        case .job: seconds = Self.baseSeconds + size / Self.slowest
        case .person(let end):
            seconds = Int(clamping: ContinuousClock.now.duration(to: end).components.seconds)
        }
        guard seconds > 0 else { throw .tookTooLong(seconds: 0) }
        return try runner.carry(Errand(target: target, work: work), within: seconds)
    }
}
