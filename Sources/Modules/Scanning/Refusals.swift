// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// Every "no" of the scanner endpoint besides what the code readers and the warehouse say.
package enum ScanRefusal: Refusal, Equatable {
    case placeRequired
    case placeUnknown(code: String)
    case targetRequired
    case nothingToUndo
    case choiceNotOffered
    case countMalformed
    case taskMovesNothing
    case acknowledgementMalformed
    /// The books end before what was acknowledged to this client once.
    case storeBehind(acknowledged: Int64, found: Int64)
    case parkedUnknown
    case parkedStillUnknown(code: String)

    package static let catalogue: [RefusalCode] = [
        RefusalCode("scan.place_required", .invalid),
        RefusalCode("scan.place_unknown", .conflict),
        RefusalCode("scan.target_required", .invalid),
        RefusalCode("scan.nothing_to_undo", .conflict),
        RefusalCode("scan.choice_not_offered", .invalid),
        RefusalCode("scan.count_malformed", .invalid),
        RefusalCode("scan.task_moves_nothing", .invalid),
        RefusalCode("scan.acknowledged_malformed", .invalid),
        RefusalCode("store.behind", .conflict),
        RefusalCode("parked.unknown", .notFound),
        RefusalCode("parked.code_still_unknown", .conflict),
    ]

    package var code: String {
        switch self {
        case .placeRequired: "scan.place_required"
        case .placeUnknown: "scan.place_unknown"
        case .targetRequired: "scan.target_required"
        case .nothingToUndo: "scan.nothing_to_undo"
        case .choiceNotOffered: "scan.choice_not_offered"
        case .countMalformed: "scan.count_malformed"
        case .taskMovesNothing: "scan.task_moves_nothing"
        case .acknowledgementMalformed: "scan.acknowledged_malformed"
        case .storeBehind: "store.behind"
        case .parkedUnknown: "parked.unknown"
        case .parkedStillUnknown: "parked.code_still_unknown"
        }
    }

    package var parameters: [String: Fact] {
        switch self {
        case .placeUnknown(let code), .parkedStillUnknown(let code):
            ["code": .text(code)]
        case .storeBehind(let acknowledged, let found):
            ["acknowledged": .integer(acknowledged), "found": .integer(found)]
        case .placeRequired, .targetRequired, .nothingToUndo, .choiceNotOffered,
            .countMalformed, .taskMovesNothing, .parkedUnknown, .acknowledgementMalformed:
            [:]
        }
    }

    package var pointers: [Pointer] {
        switch self {
        case .placeRequired, .placeUnknown: [Pointer(path: "/place", code: code)]
        case .targetRequired: [Pointer(path: "/toPlace", code: code)]
        case .choiceNotOffered: [Pointer(path: "/packaging", code: code)]
        case .countMalformed: [Pointer(path: "/count", code: code)]
        case .taskMovesNothing: [Pointer(path: "/task", code: code)]
        case .nothingToUndo, .parkedUnknown, .parkedStillUnknown, .acknowledgementMalformed,
            .storeBehind:
            []
        }
    }
}
