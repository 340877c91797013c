// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// Why a restore stops, with words that say what to do.
package enum RestoreFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// The books that were brought back are not in order.
    case notInOrder([String])
    /// The box has the key of another database.
    case otherDatabase
    /// There is a restore that was neither kept nor taken back.
    case undecided
    /// The old books cannot be gone back to: what is wrong with them.
    case oldNotInOrder([String])
    /// The books were exchanged, and something failed after that.
    case exchanged(String)
    /// There is nothing to keep or to take back.
    case nothingToDecide
    /// The key opens what an older key sealed, not the newest: which epochs it opens, and the
    /// newest that is there.
    case olderKey(opens: [UInt32], newest: UInt32)
    /// The target has no backup of this epoch; which ones it has.
    case noSuchEpoch(UInt32, has: [UInt32])
    /// The box has the key of one epoch, and the backup of another was asked for.
    case otherEpoch(own: UInt32, asked: UInt32)
    /// What is asked for is in the backup of another key: of which epoch, and what to type.
    case elsewhere(String, epoch: UInt32, command: String)

    package var description: String {
        switch self {
        case .notInOrder(let faults):
            "the books in the backup are not in order: \(faults.joined(separator: "; "))"
        case .oldNotInOrder(let faults):
            "the old books are not in order, so the restored ones stay in use: "
                + "\(faults.joined(separator: "; ")). sluicectl restore --commit lets the old go"
        case .exchanged(let what):
            "the other books are in their place now, but the last step failed: \(what)"
        case .otherDatabase:
            "this box holds another database; restore to a data folder of its own (--data)"
        case .undecided:
            "an earlier restore is not decided: sluicectl restore --commit keeps it, "
                + "--abandon takes it back"
        case .nothingToDecide: "there is no restore to keep or to take back"
        case .olderKey(let opens, let newest):
            "this key opens the backup of key epoch \(Self.list(opens)) only; the newest, epoch "
                + "\(newest), needs the recovery key of the time after the key was rotated. For "
                + "the older one say so: --epoch \(opens.max() ?? 1)"
        case .noSuchEpoch(let epoch, let has):
            "there is no backup of key epoch \(epoch) here, but of \(Self.list(has))"
        case .otherEpoch(let own, let asked):
            "this box has the key of epoch \(own); what epoch \(asked) sealed is restored to a "
                + "data folder of its own (--data) with the recovery key of that time"
        case .elsewhere(let what, let epoch, let command):
            "\(what) lies in the backup of key epoch \(epoch), which the recovery key of that time "
                + "opens. To bring it back: \(command)"
                + (command.hasSuffix("FOLDER") ? ", a data folder of its own" : "")
        }
    }
}

extension RestoreFault {
    /// Whether other books are in use than before, though not all went well.
    package var isAfterTheChange: Bool {
        if case .exchanged = self { return true }
        return false
    }

    fileprivate static func list(_ epochs: [UInt32]) -> String {
        epochs.sorted().map(String.init).joined(separator: ", ")
    }
}
