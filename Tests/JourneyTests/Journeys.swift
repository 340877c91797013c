// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Testing

/// Stories told to the real daemon, one after the other: each times what it sees, and two daemons
/// at once would time each other.
@Suite(.serialized) enum Journeys {
    @Suite struct LastGoodsTests {}
    @Suite struct KillTests {}
    @Suite struct RestartTests {}
    @Suite struct LiveTests {}
    @Suite struct PracticeTests {}
    @Suite struct ControlTests {}
    @Suite struct CourierTests {}
    @Suite struct RollbackTests {}
    @Suite struct KeyTests {}
    @Suite struct RestoreTests {}
    @Suite struct RestoreDecisionTests {}
    @Suite struct RestoreTroubleTests {}
    @Suite struct RestoreKillTests {}
    @Suite struct RotationTests {}
    @Suite struct RotatedBackupTests {}
    @Suite struct DumpTests {}
    @Suite struct ClockTests {}
    @Suite struct FullDiskTests {}
    @Suite struct StartTests {}
}
