// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// Every "no" of the backup, and every way in which a job of it fails.
package enum BackupRefusal: Refusal, Equatable {
    case practiceBooks
    case placeNotUsable(place: String, reason: String)
    case placeTaken(place: String)
    case nameTaken(name: String)
    case placeOfOthers(place: String)
    case tooMany(most: Int64)
    case targetUnknown
    case targetFailed(name: String, reason: String)
    case targetRolledBack(name: String)
    /// Something that was kept there is missing or was changed; found when everything was read.
    case targetDamaged(name: String, reason: String)
    /// The journal here is not the one that the target knows: it was shortened or written anew.
    case journalBehind(name: String, seq: Int64)
    case drillFailed(faults: String)
    case noTarget
    /// A field that this kind of target needs is missing or wrong; its name on the wire.
    case fieldWrong(field: String, wants: String)
    /// What was a folder stays one.
    case kindStays
    /// Another job changes a target for a long time.
    case busy
    /// Somebody tests another place.
    case probing

    package static let catalogue: [RefusalCode] = [
        RefusalCode("backup.practice_books", .conflict),
        RefusalCode("backup.place_not_usable", .invalid),
        RefusalCode("backup.place_taken", .conflict),
        RefusalCode("backup.name_taken", .conflict),
        RefusalCode("backup.place_of_others", .conflict),
        RefusalCode("backup.too_many", .conflict),
        RefusalCode("backup.target_unknown", .notFound),
        RefusalCode("backup.target_failed", .conflict),
        RefusalCode("backup.target_rolled_back", .conflict),
        RefusalCode("backup.target_damaged", .conflict),
        RefusalCode("backup.journal_behind", .conflict),
        RefusalCode("backup.drill_failed", .conflict),
        RefusalCode("backup.no_target", .conflict),
        RefusalCode("backup.field_wrong", .invalid),
        RefusalCode("backup.kind_stays", .conflict),
        RefusalCode("backup.busy", .conflict),
        RefusalCode("backup.probing", .conflict),
    ]

    package var code: String {
        switch self {
        case .practiceBooks: "backup.practice_books"
        case .placeNotUsable: "backup.place_not_usable"
        case .placeTaken: "backup.place_taken"
        case .nameTaken: "backup.name_taken"
        case .placeOfOthers: "backup.place_of_others"
        case .tooMany: "backup.too_many"
        case .targetUnknown: "backup.target_unknown"
        case .targetFailed: "backup.target_failed"
        case .targetRolledBack: "backup.target_rolled_back"
        case .targetDamaged: "backup.target_damaged"
        case .journalBehind: "backup.journal_behind"
        case .drillFailed: "backup.drill_failed"
        case .noTarget: "backup.no_target"
        case .fieldWrong: "backup.field_wrong"
        case .kindStays: "backup.kind_stays"
        case .busy: "backup.busy"
        case .probing: "backup.probing"
        }
    }

    package var parameters: [String: Fact] {
        switch self {
        case .placeNotUsable(let place, let reason):
            ["place": .text(place), "reason": .text(reason)]
        case .placeTaken(let place), .placeOfOthers(let place): ["place": .text(place)]
        case .nameTaken(let name), .targetRolledBack(let name): ["name": .text(name)]
        case .tooMany(let most): ["most": .integer(most)]
        case .targetFailed(let name, let reason), .targetDamaged(let name, let reason):
            ["name": .text(name), "reason": .text(reason)]
        case .journalBehind(let name, let seq): ["name": .text(name), "seq": .integer(seq)]
        case .drillFailed(let faults): ["faults": .text(faults)]
        case .fieldWrong(let field, let wants): ["field": .text(field), "wants": .text(wants)]
        case .practiceBooks, .targetUnknown, .noTarget, .kindStays, .busy, .probing: [:]
        }
    }

    package var pointers: [Pointer] {
        switch self {
        case .placeNotUsable, .placeTaken, .placeOfOthers:
            [Pointer(path: "/place", code: code)]
        case .nameTaken: [Pointer(path: "/name", code: code)]
        case .fieldWrong(let field, _): [Pointer(path: "/\(field)", code: code)]
        default: []
        }
    }
}
