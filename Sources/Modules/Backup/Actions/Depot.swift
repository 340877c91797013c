// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Kernel
package import Outbox
import SealedStore

/// How this room gets to its targets, and who may change one at a time.
package final class Depot: Sendable {
    private let runner: any ErrandRunner
    private let files: ErrandFolder
    /// Held by whoever changes what targets hold: the index is read, changed and written.
    private let changes = Turnstile()
    private let tests = Turnstile()
    private let patience = Patience()
    private let memory = Reminder<ID<Target>, Memory>(seconds: rememberSeconds)

    /// Seconds that a job waits for another one that changes a target, before it gives up: a large
    /// snapshot over a slow line takes hours, and the next run comes anyway.
    private static let waitSeconds = 600
    /// Seconds that a person waits for a test: below the 30 in which each request is answered.
    private static let personSeconds = 25
    /// Seconds that one step in a folder may take, for a job and while a person waits: the largest
    /// object is written to a slow stick in a minute.
    private static let folderSeconds = (job: 120, person: 20)
    /// Seconds after which an index is read again although we wrote it ourselves.
    private static let rememberSeconds = 600

    /// - Parameters:
    ///   - runner: carries errands to other machines.
    ///   - files: through which objects go to the courier.
    package init(runner: any ErrandRunner, files: ErrandFolder) {
        self.runner = runner
        self.files = files
    }

    /// What a target on another machine held when we last wrote there.
    struct Memory {
        let place: String
        let epoch: Int64
        let index: BackupIndex
        let hash: [UInt8]
        let keys: [UInt8]
    }

    /// The whole target, whatever key its parts belong to.
    func whole(_ kind: TargetKind, _ place: String, _ access: ErrandTarget?, inPerson: Bool)
        throws -> any BackupTarget
    {
        switch (kind, access) {
        case (.folder, _):
            try TimedTarget(
                place, patience,
                seconds: inPerson ? Self.folderSeconds.person : Self.folderSeconds.job)
        case (.s3, let access?), (.sftp, let access?): remote(access, inPerson: inPerson)
        case (.s3, nil), (.sftp, nil): throw BackupFault.badName(place)
        }
    }

    func whole(_ target: Target) throws -> any BackupTarget {
        var access = target.access
        // Errands to different targets do not wait for each other.
        access?.name = "backup-\(target.id.raw)"
        return try whole(target.kind, target.place, access, inPerson: false)
    }

    /// The part of a target that the key of `store` opens.
    func open(_ target: Target, for store: SealedStore) throws -> any BackupTarget {
        try store.part(of: try whole(target))
    }

    /// Whether a target is a folder on the disk of the books now: a stick may be out.
    func sharesDisk(_ target: Target, with store: SealedStore) throws -> Bool {
        guard let folder = try whole(target) as? TimedTarget else { return false }
        let own = store.folder
        return try folder.ask { $0.sharesDisk(with: own) }
    }

    func remote(_ access: ErrandTarget, inPerson: Bool) -> RemoteTarget {
        RemoteTarget(
            access, by: runner, through: files,
            haste: inPerson ? .person(seconds: Self.personSeconds) : .job)
    }

    /// Runs `work` while nobody else changes what targets hold.
    ///
    /// - Throws: `BackupRefusal.busy` when somebody else does for too long.
    func alone<T>(_ work: () throws -> T) throws -> T {
        do {
            return try changes.pass(within: Self.waitSeconds, work)
        } catch is Turnstile.Occupied {
            throw BackupRefusal.busy
        }
    }

    /// Runs a test for a person, one at a time: it holds a thread that sign-ins need, too.
    func probing<T>(_ work: () throws -> T) throws -> T {
        do {
            return try tests.pass(within: 0, work)
        } catch is Turnstile.Occupied {
            throw BackupRefusal.probing
        }
    }

    // MARK: Memory

    /// What a target on another machine holds, when we wrote it and not long ago: nobody else writes
    /// there, and a list of thousands of packs need not travel every minute. Every read of all
    /// bytes, and every drill, reads it anew.
    func remembered(_ target: Target) -> Memory? {
        guard target.kind != .folder, let found = memory.recall(target.id),
            found.place == target.place, found.epoch == target.epoch,
            found.hash == target.indexHash
        else { return nil }
        return found
    }

    /// What we wrote there last in this run of the program, however long ago: of its lists of packs,
    /// which never change, those that are still named need not be fetched again.
    func lastIndex(of target: Target) -> BackupIndex? { memory.last(target.id)?.index }

    func remember(_ target: Target, _ found: Memory) { memory.keep(found, for: target.id) }

    /// Has the index of a target read anew the next time.
    func forget(_ target: Target) { memory.age(target.id) }
}
