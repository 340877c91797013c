// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// Every "no" to a signed request, to an enrolment and about API tokens.
package enum DeviceRefusal: Refusal, Equatable {
    /// The Authorization field of a signed request is not in the one form.
    case signatureMalformed
    /// No such device, another key, or something on the way was changed: not told apart.
    case signatureWrong
    /// The signature is right and the device was revoked.
    case revoked
    /// The clock of the device is off, or the request was held back: the box's time in seconds.
    case clockOff(time: Int64)
    /// The number was used before or lies too far back.
    case sequenceUsed(next: Int64)
    /// The code is unknown, used, too old or was tried too often.
    case enrolmentVoid
    case enrolmentWrong
    case tokenUnknown
    case tokenTooMany(most: Int64)
    /// Rights that the person has not, or that no token has.
    case tokenRights(permission: String)
    case tokenAddress(text: String)
    /// The token is good, and not from where it was used.
    case tokenPlace

    package static let catalogue: [RefusalCode] = [
        RefusalCode("device.signature_malformed", .unreadable),
        RefusalCode("device.signature_wrong", .unauthenticated),
        RefusalCode("device.revoked", .unauthenticated),
        RefusalCode("device.clock_off", .unauthenticated),
        RefusalCode("device.sequence_used", .unauthenticated),
        RefusalCode("enrolment.void", .forbidden),
        RefusalCode("enrolment.wrong", .forbidden),
        RefusalCode("token.unknown", .notFound),
        RefusalCode("token.too_many", .conflict),
        RefusalCode("token.rights", .invalid),
        RefusalCode("token.address", .invalid),
        RefusalCode("token.place", .forbidden),
    ]

    package var code: String {
        switch self {
        case .signatureMalformed: "device.signature_malformed"
        case .signatureWrong: "device.signature_wrong"
        case .revoked: "device.revoked"
        case .clockOff: "device.clock_off"
        case .sequenceUsed: "device.sequence_used"
        case .enrolmentVoid: "enrolment.void"
        case .enrolmentWrong: "enrolment.wrong"
        case .tokenUnknown: "token.unknown"
        case .tokenTooMany: "token.too_many"
        case .tokenRights: "token.rights"
        case .tokenAddress: "token.address"
        case .tokenPlace: "token.place"
        }
    }

    package var parameters: [String: Fact] {
        switch self {
        case .clockOff(let time): ["time": .integer(time)]
        case .sequenceUsed(let next): ["next": .integer(next)]
        case .tokenTooMany(let most): ["most": .integer(most)]
        case .tokenRights(let permission): ["permission": .text(permission)]
        case .tokenAddress(let text): ["address": .text(text)]
        default: [:]
        }
    }

    package var pointers: [Pointer] {
        switch self {
        case .tokenRights: [Pointer(path: "/permissions", code: code)]
        case .tokenAddress: [Pointer(path: "/addresses", code: code)]
        default: []
        }
    }
}
