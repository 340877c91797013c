// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors
//
// libsodium imports as it is: sizes and cost constants have function forms.
#ifndef SLUICE_CSODIUM_SHIM_H
#define SLUICE_CSODIUM_SHIM_H

#include <sodium.h>

#endif
