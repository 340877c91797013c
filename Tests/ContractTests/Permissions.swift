// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import Kernel
import ModuleKit

/// Every permission of the house, rooms first.
enum Permissions {
    static let all: [Permission] =
        allModules().modules.flatMap(\.permissions) + SystemPermission.all
}
