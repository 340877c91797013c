// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

#include "common_passwords.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char list[] = {
#embed "common-passwords.bin"
};

const unsigned char *sluice_common_passwords(void) { return list; }

size_t sluice_common_passwords_count(void) {
    return sizeof list / SLUICE_COMMON_PASSWORD_BYTES;
}
