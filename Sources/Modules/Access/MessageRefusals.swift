// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Kernel
import Outbox

/// Every "no" about codes by short message.
enum MessageRefusal: Refusal, Equatable {
    /// Nothing is sent: the gateway is off, or these are practice books.
    case off
    /// Nobody has said yet how a gateway is reached.
    case unset
    case numberMissing
    case numberTaken
    case numberNotBegun
    /// A telephone is only a second way beside a stronger one.
    case factorFirst
    /// Wrong, used, too old, or replaced by a later one: they are told apart by nobody.
    case codeWrong
    case tooMany(seconds: Int64)
    /// It did not leave the box; why is for those who look after it.
    case notSent
    /// The same for an administrator who tries the gateway.
    case courierAway
    case gatewayAway(reason: String)
    case gatewayRefused(reason: String)
    case fieldWrong(field: String, wants: String)

    static let catalogue: [RefusalCode] = [
        RefusalCode("sms.off", .conflict),
        RefusalCode("sms.unset", .conflict),
        RefusalCode("sms.number_missing", .conflict),
        RefusalCode("sms.number_taken", .conflict),
        RefusalCode("sms.number_not_begun", .conflict),
        RefusalCode("sms.factor_first", .conflict),
        RefusalCode("sms.code_wrong", .forbidden),
        RefusalCode("sms.too_many", .tooMany),
        RefusalCode("sms.not_sent", .conflict),
        RefusalCode("sms.courier_away", .conflict),
        RefusalCode("sms.gateway_away", .conflict),
        RefusalCode("sms.gateway_refused", .conflict),
        RefusalCode("sms.field_wrong", .invalid),
    ]

    var code: String {
        switch self {
        case .off: "sms.off"
        case .unset: "sms.unset"
        case .numberMissing: "sms.number_missing"
        case .numberTaken: "sms.number_taken"
        case .numberNotBegun: "sms.number_not_begun"
        case .factorFirst: "sms.factor_first"
        case .codeWrong: "sms.code_wrong"
        case .tooMany: "sms.too_many"
        case .notSent: "sms.not_sent"
        case .courierAway: "sms.courier_away"
        case .gatewayAway: "sms.gateway_away"
        case .gatewayRefused: "sms.gateway_refused"
        case .fieldWrong: "sms.field_wrong"
        }
    }

    var parameters: [String: Fact] {
        switch self {
        case .tooMany(let seconds): ["seconds": .integer(seconds)]
        case .gatewayAway(let reason), .gatewayRefused(let reason): ["reason": .text(reason)]
        case .fieldWrong(let field, let wants): ["field": .text(field), "wants": .text(wants)]
        default: [:]
        }
    }

    var pointers: [Pointer] {
        switch self {
        case .codeWrong: [Pointer(path: "/code", code: code)]
        case .fieldWrong(let field, _): [Pointer(path: "/\(field)", code: code)]
        default: []
        }
    }

    /// What an administrator is told of a message that did not leave.
    init(_ fault: CarryFault) {
        switch fault {
        case .courierAway, .stopping, .file: self = .courierAway
        case .tookTooLong: self = .gatewayAway(reason: fault.description)
        case .undone(let reason, let text):
            switch reason {
            case .unreachable, .hostUnknown, .timedOut, .broken, .busy, .stopped:
                self = .gatewayAway(reason: text)
            default: self = .gatewayRefused(reason: text)
            }
        }
    }
}

extension CarryFault {
    /// The word for it in the journal: no sentence, since nobody knows what a gateway says.
    var word: String {
        switch self {
        case .courierAway: "courier_away"
        case .tookTooLong: "timed_out"
        case .stopping: "stopping"
        case .file: "file"
        case .undone(let reason, _): reason.rawValue
        }
    }
}
