// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Kernel
import ModuleKit
import Outbox
import SealedStore
import Web

/// What is posted to a gateway, with `{to}`, `{text}` and `{secret}` where they belong.
struct TemplateText: WireText {
    static let rule = Schema.TextRule(least: 1, most: ErrandLimit.templateBytes)
    static let allowsLines = true
    static let sample = TemplateText(checked: #"{"to":"{to}","text":"{text}"}"#)
    let text: String
    init(checked text: String) { self.text = text }
}

/// How the gateway for short messages is reached.
struct GatewayRequest: WireRecord {
    /// Whether codes are sent.
    let on: Bool
    /// `https://host/path`.
    let address: Name
    let media: Choice<MessageMedia>
    let template: TemplateText
    /// Name of the header field with the secret; null for none.
    let header: Word?
    /// Null keeps the one that is there, unless another machine is to have it.
    let secret: Secret?
    /// The longest wait for the gateway.
    let seconds: Whole<1, 15>
}

/// The gateway as it is, without its secret.
struct GatewayView: WireRecord {
    let on: Bool
    /// Whether anybody has said how it is reached; the fields below are a proposal until then.
    let set: Bool
    let address: String
    let media: Choice<MessageMedia>
    let template: String
    let header: String?
    let hasSecret: Bool
    let seconds: Int
    /// Messages of the last hour, and how many there may be.
    let sentLastHour: Int64
    let mostAnHour: Int64

    init(isOn: Bool, _ way: ErrandTarget.Gateway?, sent: Int64) {
        on = isOn
        set = way != nil
        address = way?.address ?? ""
        media = Choice(way?.media ?? .json)
        template = way?.template ?? TemplateText.sample.text
        header = way?.header
        hasSecret = way?.secret != nil
        seconds = way?.seconds ?? Self.usualSeconds
        sentLastHour = sent
        mostAnHour = MessageRule.houseMost
    }

    private static let usualSeconds = 10
}

/// What became of a message by which the gateway was tried.
struct TriedView: WireRecord {
    /// The gateway took it; whether it arrives, only the telephone shows.
    let taken: Bool
}

private let manages = Endpoint.Need.permission(AccessPermission.manageUsers)

private func view(in tx: ReadTransaction) throws -> GatewayView {
    let known = try knownGateway(in: tx)
    let start = try tx.now.adding(seconds: -MessageRule.windowSeconds)
    return GatewayView(
        isOn: known?.isOn ?? false, known?.way, sent: try tx.messages(since: start).count)
}

/// The gateway through which codes are sent; who may change it could read them.
func gatewayEndpoints(by runner: any ErrandRunner) -> [Route] {
    [
        .look(
            "/api/v1/sms-gateway", needs: manages,
            summary: "Read how codes are sent by short message", query: NoQuery.self,
            answers: GatewayView.self
        ) { _, _, tx in try view(in: tx) },
        .change(
            .put, "/api/v1/sms-gateway", needs: manages,
            summary: "Set how codes are sent by short message, and whether they are",
            query: NoQuery.self, body: GatewayRequest.self, answers: GatewayView.self,
            refusals: [MessageRefusal.self],
            example: GatewayRequest(
                on: true, address: Name(checked: "https://sms.example.org/messages"),
                media: Choice(.json), template: .sample, header: Word(checked: "Authorization"),
                secret: .sample, seconds: .sample)
        ) { _, body, caller, tx in
            let draft = GatewayDraft(
                isOn: body.on, address: body.address.text, media: body.media.value,
                template: body.template.text, header: body.header?.text,
                secret: body.secret.map { SecretText($0.text) }, seconds: body.seconds.value)
            _ = try setGateway(draft, by: caller, in: tx)
            return try view(in: tx)
        },
        .change(
            .post, "/api/v1/sms-gateway/tests", needs: manages,
            summary: "Send a test message to a telephone, through the courier and the gateway",
            query: NoQuery.self, body: PhoneRequest.self, answers: TriedView.self,
            refusals: [MessageRefusal.self], example: PhoneRequest(number: .sample),
            repeats: .allowed, work: .waiting,
            prepare: { _, body, caller, _, store in
                let message = try store.write { tx in
                    tx.origin = caller.origin
                    return try draftTest(to: body.number.text, by: caller, in: tx)
                }
                do {
                    try send(message, by: runner, caller.origin, store: store)
                } catch let fault as CarryFault {
                    throw MessageRefusal(fault)
                }
                return TriedView(taken: true)
            }
        ) { _, _, view, _, _ in view },
    ]
}
