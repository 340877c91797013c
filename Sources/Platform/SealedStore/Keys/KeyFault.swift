// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc

/// Why keys could not be made, read or used.
package enum KeyFault: Error, Sendable, Equatable {
    /// The system gave no locked memory, or libsodium did not start.
    case noSecureMemory
    /// The file is no key file of this program.
    case notOurs
    /// The file is a key file, written by a newer program than this one.
    case newer(format: Int)
    /// The file is ours, and no slot opens with what was given.
    case wrongKey
    /// The slot opened, yet the file was changed by somebody without the key, or is damaged.
    case tampered
    /// A recovery key or key file that is not written the way we write them.
    case mistyped
    /// There is no slot with this number.
    case noSuchSlot
    /// The last slot cannot be removed: nobody could open the store again.
    case lastSlot
    /// The last slot for starts without a person cannot be removed: the daemon could not start.
    case lastUnattended
    /// What would open this slot was not given, and nobody said that it may go.
    case slotNotGiven(UInt8)
    /// The key was rotated as often as it can be.
    case noMoreEpochs
    /// The file holds as many slots as it can.
    case full
    /// The numbers of slots are used up; none is given twice under one key.
    case noMoreNumbers
    /// Another command is changing the key file, and was waited for.
    case busy
    /// No other slot for starts without a person opens now: the daemon could not start.
    case noOtherStart
    /// The file for starts without a person is there and opens its slot.
    case opensAlready
    /// Nothing that is here opens the store without a person.
    case noUnattended
    /// Refuses to write over a file that is already there.
    case exists
    /// Anybody else on this machine may read the file of a key; it must have mode 0600.
    case readableByOthers
    /// The system refused: what we did, and its error number.
    case system(String, Int32)
}

extension KeyFault: CustomStringConvertible {
    /// What went wrong and, where there is something to do, what.
    package var description: String {
        switch self {
        case .noSecureMemory:
            "there is not enough locked memory for keys; raise LimitMEMLOCK or ulimit -l"
        case .notOurs: "the key file is none of this program"
        case .newer(let format): "the key file has format \(format), of a newer version"
        case .wrongKey: "this does not open the store"
        case .tampered: "the key file was changed by somebody without the key, or is damaged"
        case .mistyped: "this is not written the way such a key is; check every character"
        case .noSuchSlot: "there is no slot with this number; `sluicectl key status` lists them"
        case .lastSlot: "the last slot stays: nobody could open the store again"
        case .lastUnattended:
            "the last slot for starts without a person stays: add another such slot first"
        case .slotNotGiven(let number):
            "what opens slot \(number) was not given, or does not open it; give it, or drop the slot"
        case .noMoreEpochs: "this key cannot be rotated any more; move to a new box"
        case .full: "the key file is full; remove a slot first"
        case .noMoreNumbers:
            "the numbers of slots are used up; `sluicectl key rotate` begins them anew"
        case .busy: "another command is changing the key file; wait until it is done"
        case .noOtherStart:
            "no other slot for starts without a person opens now, so the daemon could not start: "
                + "run this with the machine's credential, or keep this slot"
        case .opensAlready: "keys/unattended.key is there and opens the store; nothing was changed"
        case .noUnattended:
            "nothing that is here opens the store without a person: keys/unattended.key is missing "
                + "or another one, or the machine's credential is not handed over. With the "
                + "recovery key: sluicectl key add file --with recovery"
        case .exists: "there is a file already, and it is not written over"
        case .readableByOthers: "others may read the file of the key; chmod 600 it"
        case .system(let call, let number): "\(call): \(String(cString: strerror(number)))"
        }
    }
}
