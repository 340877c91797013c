// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc

/// Writes a line for the person who started the program, at once.
func say(_ line: String) {
    _ = (line + "\n").withCString { Glibc.write(1, $0, strlen($0)) }
}
