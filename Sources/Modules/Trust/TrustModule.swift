// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import ModuleKit

/// Why browsers may believe that they talk to this box: its certificate, and who vouches for it.
///
/// At its first start the box makes an authority of its own, which can vouch for machines of the
/// local network and for nothing else, and a certificate by it for its names and addresses. Whoever
/// trusts that authority once, by the page that the box shows before anybody signs in, sees no
/// warnings any more and can work without a line. The certificate is made anew long before it ends,
/// and when a name or an address changes. A company that has a certificate of its own for the box
/// installs it here. Private keys are sealed in the store and are never shown.
///
/// - Parameter desk: what this process serves, and under which names.
package func trustModule(at desk: TrustDesk) -> Module {
    Module(
        "trust",
        permissions: TrustPermission.all,
        schema: trustSchema,
        events: TrustEvent.all,
        refusals: [TrustRefusal.self],
        endpoints: publicTrustEndpoints(desk) + certificateEndpoints(desk),
        jobs: trustJobs(desk))
}
