// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CFuzzer
import FuzzTargets
import Glibc

/// The program that `make fuzz` runs: libFuzzer around the target that SLUICE_FUZZ_TARGET names; the
/// names of all targets without one.
///
/// Source: LLVM, "libFuzzer", "Using libFuzzer as a library".
@main enum Driver {
    fileprivate static let target = getenv("SLUICE_FUZZ_TARGET").map { String(cString: $0) }
        .flatMap(FuzzTarget.named)

    static func main() {
        guard getenv("SLUICE_FUZZ_TARGET") != nil else {
            print(FuzzTarget.all.map(\.name).joined(separator: "\n"))
            return
        }
        guard target != nil else { fatalError("There is no such target.") }
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(LLVMFuzzerRunDriver(&count, &arguments) { tryInput($0, $1) })
    }
}

/// Tries one input. Named as libFuzzer's own main, which is linked and not called, would call it.
@_cdecl("LLVMFuzzerTestOneInput")
func tryInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    Driver.target?.tries(data.map { Array(UnsafeBufferPointer(start: $0, count: size)) } ?? [])
    return 0
}
