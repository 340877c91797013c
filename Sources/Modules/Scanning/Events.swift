// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel

/// What this room tells. A scan that moves goods is told by the warehouse as `stock.moved`.
enum ScanEvent {
    static let parked = EventKind("scan.parked", needs: ScanPermission.seeParked, rows: .warehouse)
    static let resolved = EventKind(
        "scan.parked_resolved", needs: ScanPermission.seeParked, rows: .warehouse)
    /// Its code is known by now, and carrying it out was refused.
    static let refused = EventKind(
        "scan.parked_refused", needs: ScanPermission.seeParked, rows: .warehouse)
    static let dismissed = EventKind(
        "scan.parked_dismissed", needs: ScanPermission.seeParked, rows: .warehouse)

    static let all = [parked, resolved, refused, dismissed]
}
