// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import Errands
import Outbox
import SealedStore

extension TargetAccess {
    /// Seconds for a host to show its key.
    private static let helloSeconds = 60

    /// The target at an address, carried by a courier that is started for it; nil for a folder. A host
    /// of SFTP whose key is not known yet is asked for it, and the person is asked whether it is right.
    func backup(at place: String, courier: String?) throws -> (any BackupTarget)? {
        guard TargetAddress.isOne(place) else { return nil }
        var target = try target(at: address(place))
        let child = try CourierChild(program: courier)
        if case .sftp(var folder) = target.place, hostKey == nil {
            do throws(CarryFault) {
                _ = try child.carry(
                    Errand(target: target, work: .list(prefix: "", after: nil, limit: 1)),
                    within: Self.helloSeconds)
            } catch {
                guard let key = error.shownHostKey else { throw error }
                try agree(to: key, of: folder.host)
                folder.hostKeys = [key]
                target.place = .sftp(folder)
            }
        }
        return RemoteTarget(target, by: child, through: child.files)
    }
}

/// What went wrong with a backup, with what a person can do.
func backupWords(for error: any Error) -> String {
    switch error {
    case KeyFault.mistyped: "the recovery key is not written as ours are; check each group"
    case KeyFault.wrongKey: "this key does not open the backup"
    case CarryFault.courierAway:
        "the courier ended; is the program sluice-courier installed? --courier PATH names it"
    case StoreFault.newer(let what):
        "the backup was written by a newer Sluice (\(what)): install that version first"
    default: "\(error)"
    }
}
