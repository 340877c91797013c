// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// Every "no" at the door.
package enum DoorRefusal: Refusal, Equatable {
    case setupDone
    case setupCodeWrong
    case sessionRefused
    case throttled(seconds: Int64)
    case passwordTooShort(least: Int64)
    case passwordTooLong(most: Int64)
    case passwordTooCommon
    case passwordWrong
    case noMemory
    case userUnknown
    case userNameTaken(name: String)
    case lastAdministrator
    case deviceUnknown
    case deviceNameTaken(name: String)

    package static let catalogue: [RefusalCode] = [
        RefusalCode("setup.done", .conflict),
        RefusalCode("setup.code_wrong", .forbidden),
        RefusalCode("session.refused", .unauthenticated),
        RefusalCode("session.throttled", .tooMany),
        RefusalCode("password.too_short", .invalid),
        RefusalCode("password.too_long", .invalid),
        RefusalCode("password.too_common", .invalid),
        RefusalCode("password.wrong", .forbidden),
        RefusalCode("session.busy", .busy),
        RefusalCode("user.unknown", .notFound),
        RefusalCode("user.name_taken", .conflict),
        RefusalCode("user.last_administrator", .conflict),
        RefusalCode("device.unknown", .notFound),
        RefusalCode("device.name_taken", .conflict),
    ]

    package var code: String {
        switch self {
        case .setupDone: "setup.done"
        case .setupCodeWrong: "setup.code_wrong"
        case .sessionRefused: "session.refused"
        case .throttled: "session.throttled"
        case .passwordTooShort: "password.too_short"
        case .passwordTooLong: "password.too_long"
        case .passwordTooCommon: "password.too_common"
        case .passwordWrong: "password.wrong"
        case .noMemory: "session.busy"
        case .userUnknown: "user.unknown"
        case .userNameTaken: "user.name_taken"
        case .lastAdministrator: "user.last_administrator"
        case .deviceUnknown: "device.unknown"
        case .deviceNameTaken: "device.name_taken"
        }
    }

    package var parameters: [String: Fact] {
        switch self {
        case .throttled(let seconds): ["seconds": .integer(seconds)]
        case .passwordTooShort(let least): ["least": .integer(least)]
        case .passwordTooLong(let most): ["most": .integer(most)]
        case .userNameTaken(let name), .deviceNameTaken(let name): ["name": .text(name)]
        case .setupDone, .setupCodeWrong, .sessionRefused, .passwordTooCommon, .passwordWrong,
            .noMemory, .userUnknown, .lastAdministrator, .deviceUnknown:
            [:]
        }
    }

    package var pointers: [Pointer] {
        switch self {
        case .setupCodeWrong: [Pointer(path: "/code", code: code)]
        case .passwordTooShort, .passwordTooLong, .passwordTooCommon:
            [Pointer(path: "/password", code: code)]
        case .passwordWrong: [Pointer(path: "/current", code: code)]
        case .userNameTaken, .deviceNameTaken: [Pointer(path: "/name", code: code)]
        case .setupDone, .sessionRefused, .throttled, .noMemory, .userUnknown,
            .lastAdministrator, .deviceUnknown:
            []
        }
    }
}
