// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// A language of the screens.
package enum Language: String, Sendable, CaseIterable {
    case zhCN = "zh-CN"
    case en
}
