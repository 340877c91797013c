/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Sluice authors */

#pragma once

#include <stddef.h>
#include <stdint.h>

/* libFuzzer comes with the compiler and has no header. Source: LLVM, "libFuzzer". */
int LLVMFuzzerRunDriver(int *count, char ***arguments, int (*one_input)(const uint8_t *data, size_t size));
