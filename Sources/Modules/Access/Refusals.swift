// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// Every "no" at the door.
package enum DoorRefusal: Refusal, Equatable {
    case setupDone
    case setupCodeWrong
    case sessionRefused
    case sessionUnknown
    case throttled(seconds: Int64)
    /// The sign-in waited too long for its second factor, or too many codes were wrong.
    case ticketVoid
    case codeWrong
    case passwordTooShort(least: Int64)
    case passwordTooLong(most: Int64)
    case passwordTooCommon
    case passwordWrong
    /// The password is one's own already; there is nothing to choose.
    case passwordOwn
    case noMemory
    /// There is no second factor, and one is meant.
    case factorMissing
    /// There is a second factor, and the password alone proves nothing.
    case factorAsked
    case factorTaken
    case factorNotBegun
    /// The role asks for a second factor, and this is the last one.
    case factorLast
    case passkeyNeedsName
    case passkeyRefused(PasskeyFault)
    case passkeyCounterBack
    case passkeyTaken
    case passkeyTooMany(most: Int64)
    case passkeyUnknown
    case userUnknown
    case userNameTaken(name: String)
    case lastAdministrator
    /// Only root on the box itself does that.
    case rescueOnBox
    case deviceUnknown
    case deviceNameTaken(name: String)

    package static let catalogue: [RefusalCode] = [
        RefusalCode("setup.done", .conflict),
        RefusalCode("setup.code_wrong", .forbidden),
        RefusalCode("session.refused", .unauthenticated),
        RefusalCode("session.unknown", .notFound),
        RefusalCode("session.throttled", .tooMany),
        RefusalCode("session.ticket_void", .unauthenticated),
        RefusalCode("session.code_wrong", .forbidden),
        RefusalCode("password.too_short", .invalid),
        RefusalCode("password.too_long", .invalid),
        RefusalCode("password.too_common", .invalid),
        RefusalCode("password.wrong", .forbidden),
        RefusalCode("password.own", .conflict),
        RefusalCode("session.busy", .busy),
        RefusalCode("factor.missing", .conflict),
        RefusalCode("factor.asked", .conflict),
        RefusalCode("factor.taken", .conflict),
        RefusalCode("factor.not_begun", .conflict),
        RefusalCode("factor.last", .conflict),
        RefusalCode("passkey.needs_name", .conflict),
        RefusalCode("passkey.refused", .forbidden),
        RefusalCode("passkey.counter_back", .forbidden),
        RefusalCode("passkey.taken", .conflict),
        RefusalCode("passkey.too_many", .conflict),
        RefusalCode("passkey.unknown", .notFound),
        RefusalCode("user.unknown", .notFound),
        RefusalCode("user.name_taken", .conflict),
        RefusalCode("user.last_administrator", .conflict),
        RefusalCode("user.rescue_on_box", .forbidden),
        RefusalCode("device.unknown", .notFound),
        RefusalCode("device.name_taken", .conflict),
    ]

    package var code: String {
        switch self {
        case .setupDone: "setup.done"
        case .setupCodeWrong: "setup.code_wrong"
        case .sessionRefused: "session.refused"
        case .sessionUnknown: "session.unknown"
        case .throttled: "session.throttled"
        case .ticketVoid: "session.ticket_void"
        case .codeWrong: "session.code_wrong"
        case .passwordTooShort: "password.too_short"
        case .passwordTooLong: "password.too_long"
        case .passwordTooCommon: "password.too_common"
        case .passwordWrong: "password.wrong"
        case .passwordOwn: "password.own"
        case .noMemory: "session.busy"
        case .factorMissing: "factor.missing"
        case .factorAsked: "factor.asked"
        case .factorTaken: "factor.taken"
        case .factorNotBegun: "factor.not_begun"
        case .factorLast: "factor.last"
        case .passkeyNeedsName: "passkey.needs_name"
        case .passkeyRefused: "passkey.refused"
        case .passkeyCounterBack: "passkey.counter_back"
        case .passkeyTaken: "passkey.taken"
        case .passkeyTooMany: "passkey.too_many"
        case .passkeyUnknown: "passkey.unknown"
        case .userUnknown: "user.unknown"
        case .userNameTaken: "user.name_taken"
        case .lastAdministrator: "user.last_administrator"
        case .rescueOnBox: "user.rescue_on_box"
        case .deviceUnknown: "device.unknown"
        case .deviceNameTaken: "device.name_taken"
        }
    }

    package var parameters: [String: Fact] {
        switch self {
        case .throttled(let seconds): ["seconds": .integer(seconds)]
        case .passwordTooShort(let least): ["least": .integer(least)]
        case .passwordTooLong(let most), .passkeyTooMany(let most): ["most": .integer(most)]
        case .passkeyRefused(let fault): ["reason": .text(fault.rawValue)]
        case .userNameTaken(let name), .deviceNameTaken(let name): ["name": .text(name)]
        default: [:]
        }
    }

    package var pointers: [Pointer] {
        switch self {
        case .setupCodeWrong, .codeWrong: [Pointer(path: "/code", code: code)]
        case .passwordTooShort, .passwordTooLong, .passwordTooCommon:
            [Pointer(path: "/password", code: code)]
        case .passwordWrong: [Pointer(path: "/current", code: code)]
        case .userNameTaken, .deviceNameTaken: [Pointer(path: "/name", code: code)]
        default: []
        }
    }
}
