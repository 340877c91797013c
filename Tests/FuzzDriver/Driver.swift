// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import FuzzTargets
import Glibc

/// What `make fuzz` drives: libFuzzer's own main around the target that SLUICE_FUZZ_TARGET names.
///
/// Source: LLVM, "libFuzzer", "Fuzz Target" and "Startup initialization".
enum Driver {
    static let target = getenv("SLUICE_FUZZ_TARGET").map { String(cString: $0) }
        .flatMap(FuzzTarget.named)
}

/// Tries one input.
@_cdecl("LLVMFuzzerTestOneInput")
func tryInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    Driver.target?.tries(data.map { Array(UnsafeBufferPointer(start: $0, count: size)) } ?? [])
    return 0
}
