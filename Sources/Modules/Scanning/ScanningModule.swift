// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import ModuleKit

/// The scanner endpoint: one pull of the trigger, one answer.
///
/// A scanner sends what it read and what its user is doing; the room reads the code, finds the
/// goods and asks the warehouse to move them. Each scan has a name made by the device, so a scan
/// sent twice moves goods once. A code that means several things is asked back, a code that nobody
/// knows is parked with everything that was scanned, and carried out once the office says what it
/// is: the goods have moved, whatever the catalogue says.
package let scanningModule = Module(
    "scanning",
    permissions: ScanPermission.all,
    schema: scanSchema,
    events: ScanEvent.all,
    lifecycles: [LifecycleCard("parked scan", parkedLifecycle)],
    refusals: [ScanRefusal.self, ReadingRefusal.self],
    endpoints: scanEndpoints + parkedEndpoints,
    listens: [noticeNewCodes],
    conflicts: ScanPermission.conflicts)
