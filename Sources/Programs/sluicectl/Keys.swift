// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import ArgumentParser
import SealedStore

struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "The ways in which the store can be opened.",
        discussion: """
            Works on the data folder itself, whether the daemon runs or not. Secrets are asked for \
            and never taken from the command line, where others could read them.
            """,
        subcommands: [Slots.self, Add.self, Remove.self, Rotate.self], defaultSubcommand: Slots.self
    )

    struct Folder: ParsableArguments {
        @Option(help: "Folder of all data.")
        var data = "/var/lib/sluice"

        var ring: KeyRing { KeyRing(data: data) }
    }

    /// What opens the store now, when it is not what opens it without a person.
    struct Present: ParsableArguments {
        enum Kind: String, ExpressibleByArgument, CaseIterable {
            case recovery, passphrase
        }

        @Option(help: "Open the store with this; without it, as the daemon does at its start.")
        var with: Kind?

        func opener() throws -> KeyFile.Opener? {
            switch with {
            case nil: nil
            case .recovery: .recovery(try Asking.line("Recovery key: ", hidden: true))
            case .passphrase:
                .passphrase(Array(try Asking.line("Passphrase: ", hidden: true).utf8))
            }
        }
    }

    struct Slots: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status", abstract: "List the ways in which the store can be opened.")

        @OptionGroup var folder: Folder

        func run() throws {
            try telling {
                let slots = try folder.ring.slots()
                for slot in slots { print("\(slot.number) \(slot.kind) – \(slot.kind.meaning)") }
                if !slots.contains(where: { $0.kind == .recovery }) {
                    print("There is no recovery key. Make one: sluicectl key add recovery")
                }
            }
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a way to open the store.",
            subcommands: [
                AddRecovery.self, AddPassphrase.self, AddMachine.self, AddFile.self,
            ])
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a way to open the store away.",
            discussion: """
                Who has kept an older copy of keys/store.key can still open the store with it and \
                the key that was taken away.
                """)

        @Argument(help: "Number of the slot, as `sluicectl key status` lists it.")
        var number: UInt8

        @OptionGroup var present: Present
        @OptionGroup var folder: Folder

        func run() throws {
            try telling {
                try folder.ring.remove(number, with: try present.opener())
                print("Slot \(number) opens the store no more.")
            }
        }
    }
}

struct AddRecovery: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recovery", abstract: "Make a recovery key and show it, this once.",
        discussion: """
            Two of its groups are asked back, and only then does it open the store. Print the page \
            on a printer that you trust, or write the key down.
            """)

    /// How often somebody may mistype.
    private static let tries = 3

    @OptionGroup var present: Keys.Present
    @OptionGroup var folder: Keys.Folder

    func run() throws {
        try telling {
            let opener = try present.opener()
            let text = try folder.ring.newRecovery()
            let groups = text.split(separator: "-").map(String.init)
            print(page(groups))
            let first = Int.random(in: 0..<groups.count / 2)
            let second = Int.random(in: groups.count / 2..<groups.count)
            guard try isKnown(first, groups), try isKnown(second, groups) else {
                complain("That is not what stands there. The key was thrown away; begin again.")
                throw ExitCode(1)
            }
            let number = try folder.ring.add(.recovery(text), with: opener)
            print("Slot \(number): the recovery key opens the store from now on.")
        }
    }

    private func isKnown(_ index: Int, _ groups: [String]) throws -> Bool {
        for _ in 0..<AddRecovery.tries {
            let typed = try Asking.line("Group \(index + 1): ", hidden: false)
            if typed.uppercased() == groups[index] { return true }
        }
        return false
    }

    private func page(_ groups: [String]) -> String {
        let numbered = groups.enumerated().map { index, group in
            column("\(index + 1)", 4) + group
        }
        return """

            RECOVERY KEY OF THE BOOKS (Sluice)

            With it and a copy of the data folder the books can be opened on any machine. Keep it away
            from the box, where no photograph is taken of it. It is shown this once.

            \(numbered.joined(separator: "\n"))

            """
    }
}

struct AddPassphrase: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "passphrase", abstract: "Add a passphrase (Argon2id).")

    /// Characters at least; there is no other rule about what they are.
    private static let least = 12

    @OptionGroup var present: Keys.Present
    @OptionGroup var folder: Keys.Folder

    func run() throws {
        try telling {
            let opener = try present.opener()
            let words = try Asking.line("New passphrase: ", hidden: true)
            guard words.count >= AddPassphrase.least else {
                complain("A passphrase has at least \(AddPassphrase.least) characters.")
                throw ExitCode(1)
            }
            guard try Asking.line("The same again: ", hidden: true) == words else {
                complain("The two are not the same; nothing was changed.")
                throw ExitCode(1)
            }
            let number = try folder.ring.add(.passphrase(Array(words.utf8)), with: opener)
            print("Slot \(number): the passphrase opens the store from now on.")
        }
    }
}

struct AddMachine: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "machine",
        abstract: "Let a credential of the machine (TPM or host key) open the store.",
        discussion: """
            The credential is called \(KeyRing.credentialName). How to make it, and the lines that \
            hand it to the daemon, are in docs/operations.md.
            """)

    @Option(help: "Path of the credential; without it, what the service manager handed over.")
    var credential: String?

    @OptionGroup var present: Keys.Present
    @OptionGroup var folder: Keys.Folder

    func run() throws {
        try telling {
            let ring = KeyRing(data: folder.data)
            guard let path = credential ?? ring.credentialPath else {
                complain("No credential was handed over: give its path with --credential.")
                throw ExitCode(1)
            }
            let number = try ring.add(.machine(path), with: try present.opener())
            print("Slot \(number): the machine's credential opens the store from now on.")
        }
    }
}

struct AddFile: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "file",
        abstract: "Make the file for starts without a person anew, after it was lost.",
        discussion: """
            The daemon then starts by keys/unattended.key again. Slots that only the lost file opened \
            go. Where the daemon does not start, open the store with --with recovery.
            """)

    @OptionGroup var present: Keys.Present
    @OptionGroup var folder: Keys.Folder

    func run() throws {
        try telling {
            let number = try folder.ring.addFile(with: try present.opener())
            print("Slot \(number): keys/unattended.key opens the store from now on.")
        }
    }
}

extension KeySlot.Kind {
    /// What such a slot means for the owner.
    fileprivate var meaning: String {
        switch self {
        case .recovery: "a key on paper"
        case .passphrase: "a passphrase"
        case .keyFile: "starts without a person, by a file on the same disk"
        case .machine: "starts without a person, by the machine's TPM or host key"
        }
    }
}

/// Runs `body` and says what went wrong in the words of the fault.
func telling(_ body: () throws -> Void) throws {
    do {
        try body()
    } catch let code as ExitCode {
        throw code
    } catch {
        complain("\(error)")
        throw ExitCode(2)
    }
}
