// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import FuzzTargets
import Glibc

/// Called by libFuzzer before its first input: prints the names of all targets when none is named.
@_cdecl("LLVMFuzzerInitialize")
func start(
    _ count: UnsafeMutablePointer<CInt>?,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> CInt {
    guard getenv("SLUICE_FUZZ_TARGET") != nil else {
        print(FuzzTarget.all.map(\.name).joined(separator: "\n"))
        exit(0)
    }
    guard Driver.target != nil else { fatalError("There is no such target.") }
    return 0
}
