// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import SealedStore
import Web

/// What devices need before anybody can sign in.
func publicTrustEndpoints(_ desk: TrustDesk) -> [Route] {
    [
        .look(
            "/api/v1/trust", needs: .guest,
            summary: "Tell by what the box is to be trusted", query: NoQuery.self,
            answers: TrustView.self, pace: .quick
        ) { _, _, tx in
            let shown = try tx.trustCertificate(.installed) ?? tx.trustCertificate(.issued)
            return TrustView(shown, try tx.trustAuthority(), desk)
        },
        file("/ca.crt", DERForm.self, "Give the box's authority in DER"),
        file("/ca.pem", PEMForm.self, "Give the box's authority in PEM"),
        file("/ca.mobileconfig", ProfileForm.self, "Give the box's authority as a profile for iOS"),
    ]
}

private func file<Form: AuthorityForm>(
    _ path: PathTemplate, _ form: Form.Type, _ summary: String
) -> Route {
    .look(
        path, needs: .guest, summary: summary, query: NoQuery.self,
        answers: AuthorityFile<Form>.self, refusals: [TrustRefusal.self], pace: .quick
    ) { _, _, tx in
        guard let kept = try tx.trustAuthority() else { throw TrustRefusal.authorityMissing }
        return AuthorityFile<Form>(bytes: Form.bytes(kept.certificate))
    }
}

/// Looking after the certificate.
func certificateEndpoints(_ desk: TrustDesk) -> [Route] {
    let need = Endpoint.Need.permission(TrustPermission.manage)
    return [
        .look(
            "/api/v1/certificate", needs: need, summary: "Tell which certificate the box shows",
            query: NoQuery.self, answers: CertificateView.self
        ) { _, _, tx in try view(desk, tx) },
        .change(
            .put, "/api/v1/certificate", needs: need,
            summary: "Show a certificate of one's own from now on", query: NoQuery.self,
            body: InstallRequest.self, answers: CertificateView.self,
            refusals: [TrustRefusal.self],
            example: InstallRequest(chain: .sample, key: .sample),
            prepare: { _, body, _, _, store in
                try UploadRule.check(
                    chain: body.chain.text, key: body.key.text, for: desk.names,
                    now: store.read { $0.now })
            }
        ) { _, _, upload, caller, tx in
            try install(upload, desk, by: caller, in: tx)
            return try view(desk, tx)
        },
        .change(
            .delete, "/api/v1/certificate", needs: need,
            summary: "Go back to the certificate by the box's own authority", query: NoQuery.self,
            body: NoBody.self, answers: CertificateView.self, refusals: [TrustRefusal.self]
        ) { _, _, caller, tx in
            try removeInstalled(desk, by: caller, in: tx)
            return try view(desk, tx)
        },
    ] + makingEndpoints(desk, need)
}

private func makingEndpoints(_ desk: TrustDesk, _ need: Endpoint.Need) -> [Route] {
    [
        .change(
            .post, "/api/v1/certificate/renewal", needs: need,
            summary: "Make the box's certificate anew now", query: NoQuery.self, body: Empty.self,
            answers: CertificateView.self, refusals: [TrustRefusal.self], example: Empty()
        ) { _, _, caller, tx in
            try renew(desk, by: caller, in: tx)
            return try view(desk, tx)
        },
        .change(
            .post, "/api/v1/certificate/authority", needs: need,
            summary: "Make a new authority, which every device has to trust anew",
            query: NoQuery.self, body: Empty.self, answers: CertificateView.self,
            refusals: [TrustRefusal.self], example: Empty()
        ) { _, _, caller, tx in
            try replaceAuthority(desk, by: caller, in: tx)
            return try view(desk, tx)
        },
        .change(
            .put, "/api/v1/certificate/strict", needs: need,
            summary: "Tell browsers to come over TLS only, or to forget that",
            query: NoQuery.self, body: StrictRequest.self, answers: CertificateView.self,
            refusals: [TrustRefusal.self], example: StrictRequest(on: true),
            prepare: { _, _, _, head, _ in isReadyForStrict(head) }
        ) { _, body, isReady, caller, tx in
            try setStrict(body.on, isReady: isReady, desk, by: caller, in: tx)
            return try view(desk, tx)
        },
    ]
}

/// Whether whoever asks reached the box over TLS by a name, or stands at the box itself. Browsers
/// take no such rule for an address (RFC 6797, 8.1.1).
private func isReadyForStrict(_ head: RequestHead) -> Bool {
    if head.peerUser != nil { return true }
    guard head.isTLS, let name = head.header("host").flatMap(HostField.name(of:)) else {
        return false
    }
    return HostField.isName(name)
}

private func view(_ desk: TrustDesk, _ tx: ReadTransaction) throws -> CertificateView {
    let shown = try tx.trustCertificate(.installed) ?? tx.trustCertificate(.issued)
    return CertificateView(
        desk.isServing ? shown : nil, try tx.trustAuthority(), desk,
        strict: try tx.strictSetting(), now: tx.now)
}
