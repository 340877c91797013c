// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors
//
// Words that too many people take as their password, as sorted hashes. See make_list.py.
#ifndef SLUICE_COMMON_PASSWORDS_H
#define SLUICE_COMMON_PASSWORDS_H

#include <stddef.h>

/// Bytes of one record: the start of a BLAKE2b-256 digest.
#define SLUICE_COMMON_PASSWORD_BYTES 5

/// The records, sorted, without gaps, in the read-only part of the program.
const unsigned char *sluice_common_passwords(void);
/// How many records there are.
size_t sluice_common_passwords_count(void);

#endif
