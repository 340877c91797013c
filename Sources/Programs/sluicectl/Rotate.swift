// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import ArgumentParser
import Glibc
import SealedStore

struct Rotate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Seal the books anew under a new key.",
        discussion: """
            Stop the daemon first. The books are copied under a new root key, the copy is compared \
            with them, and books, ledger and keys are exchanged in one step; whatever interrupts \
            that, the next start goes on with the old or with the new ones. It needs as much room \
            again as the books take.

            Every recovery key and passphrase is asked for, because the new key is wrapped for each \
            of them anew; --drop lets a slot go instead. The file for starts without a person gets \
            new content. With a credential of the machine, run it with that credential: see \
            docs/operations.md.
            """)

    @Option(help: "Let this slot go: what opens it now does not open the new key.")
    var drop: [UInt8] = []

    @Option(help: "Path of the machine's credential; without it, what was handed over.")
    var credential: String?

    @Option(help: "Folder of captured commits, where the daemon was told another one.")
    var spool: String?

    @OptionGroup var folder: Keys.Folder

    func run() throws {
        try telling {
            let ring = KeyRing(data: folder.data, credential: credential)
            var given: [UInt8: KeyFile.Opener] = [:]
            for slot in try ring.slots() where !drop.contains(slot.number) {
                switch slot.kind {
                case .recovery:
                    let text = try Asking.line("Recovery key, slot \(slot.number): ", hidden: true)
                    given[slot.number] = .recovery(text)
                case .passphrase:
                    let words = try Asking.line("Passphrase, slot \(slot.number): ", hidden: true)
                    given[slot.number] = .passphrase(Array(words.utf8))
                case .keyFile, .machine: break
                }
            }
            let meter = Meter()
            let outcome = try ring.rotate(
                given: given, dropping: Set(drop), spool: spool,
                lastRound: { bringLastCommits(of: $0, say: complain) }, by: ownName(),
                progress: meter.show)
            meter.end()
            let slots = outcome.slots.map(String.init).joined(separator: ", ")
            print(
                """
                The books are sealed under a new key (epoch \(outcome.epoch)), opened by slots \
                \(slots). The daemon can be started; it begins the backups of epoch \
                \(outcome.epoch) beside the older ones. Backups and copies from before open with the \
                recovery key of their time only (sluicectl restore --epoch \(outcome.epoch - 1)): keep \
                that key for as long as you may want them.
                """)
        }
    }
}

/// Shows how far a long command has come: on a terminal in place, else a line now and then.
private final class Meter {
    private let isTerminal = isatty(2) == 1
    private var last: RotationProgress?
    private var shown = ContinuousClock.now
    private var hasShown = false

    /// Time that may pass without a sign.
    private static let rest = Duration.seconds(1)

    func show(_ progress: RotationProgress) {
        guard progress != last else { return }
        let isNewStage = progress.stage != last?.stage
        last = progress
        guard isNewStage || ContinuousClock.now - shown >= Meter.rest else { return }
        shown = .now
        hasShown = true
        let percent = progress.percent.map { " \($0) %" } ?? " ..."
        let number = (RotationProgress.Stage.allCases.firstIndex(of: progress.stage) ?? 0) + 1
        let line =
            "\(number)/\(RotationProgress.Stage.allCases.count) \(progress.stage.meaning)\(percent)"
        let text = isTerminal ? "\r\u{1b}[K\(line)" : line + "\n"
        _ = text.withCString { write(2, $0, strlen($0)) }
    }

    func end() {
        if isTerminal, hasShown { _ = "\n".withCString { write(2, $0, 1) } }
    }
}

extension RotationProgress.Stage {
    fileprivate var meaning: String {
        switch self {
        case .reading: "reading the books"
        case .copying: "sealing a copy under the new key"
        case .checking: "checking the copy"
        case .comparing: "comparing the copy with the books"
        case .settling: "putting the new files in place"
        }
    }
}
