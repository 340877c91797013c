// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
package import Kernel
package import Outbox

/// Why a target on another machine failed, each with what somebody can do about it.
package struct RemoteRefusal: Refusal, Equatable {
    package let fault: CarryFault
    /// Of the target.
    let name: String

    init(_ fault: CarryFault, name: String) {
        self.fault = fault
        self.name = name
    }

    package static let catalogue: [RefusalCode] = [
        RefusalCode("backup.courier_away", .conflict),
        RefusalCode("backup.too_slow", .conflict),
        RefusalCode("backup.stopping", .conflict),
        RefusalCode("backup.errand_file", .conflict),
        RefusalCode("backup.unreachable", .conflict),
        RefusalCode("backup.host_unknown", .conflict),
        RefusalCode("backup.certificate_refused", .conflict),
        RefusalCode("backup.host_key_refused", .conflict),
        RefusalCode("backup.credentials_refused", .conflict),
        RefusalCode("backup.access_denied", .conflict),
        RefusalCode("backup.clock_differs", .conflict),
        RefusalCode("backup.region_wrong", .conflict),
        RefusalCode("backup.place_missing", .conflict),
        RefusalCode("backup.target_full", .conflict),
        RefusalCode("backup.transfer_failed", .conflict),
    ]

    package var code: String {
        switch fault {
        case .courierAway: "backup.courier_away"
        case .tookTooLong: "backup.too_slow"
        case .stopping: "backup.stopping"
        case .file: "backup.errand_file"
        case .undone(let reason, _):
            switch reason {
            case .unreachable: "backup.unreachable"
            case .hostUnknown: "backup.host_unknown"
            case .timedOut: "backup.too_slow"
            case .certificateRefused: "backup.certificate_refused"
            case .hostKeyRefused: "backup.host_key_refused"
            case .credentialsRefused: "backup.credentials_refused"
            case .accessDenied: "backup.access_denied"
            case .clockDiffers: "backup.clock_differs"
            case .regionWrong: "backup.region_wrong"
            case .placeMissing: "backup.place_missing"
            case .targetFull: "backup.target_full"
            case .stopped: "backup.stopping"
            case .fileMissing, .fileChanged, .fileOutside, .fileUnwritable: "backup.errand_file"
            case .broken, .busy, .refused, .answerUnreadable, .objectMissing, .notVerified,
                .errandUnreadable, .expired:
                "backup.transfer_failed"
            }
        }
    }

    package var parameters: [String: Fact] {
        ["name": .text(name), "reason": .text(fault.description)]
    }
}
