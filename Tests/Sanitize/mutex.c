// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors
//
// Tells ThreadSanitizer of Swift's Mutex when two threads wait for it. The slow path lies in
// libswiftSynchronization.so, which is not instrumented, and hands over in the kernel (FUTEX_LOCK_PI),
// so that ThreadSanitizer sees no order between the threads and reports a race where there is none.
// Preloaded, these take the place of the slow path, call it, and say what it did.
// Source: sanitizer/tsan_interface.h; stdlib/public/Synchronization/Mutex/LinuxImpl.swift
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void sluice_lock_slow(uint32_t thread, SELF) __asm__(LOCK);
SWIFT void sluice_unlock_slow(SELF) __asm__(UNLOCK);

SWIFT void sluice_lock_slow(uint32_t thread, SELF) {
    SWIFT void (*next)(uint32_t, SELF) = dlsym(RTLD_NEXT, LOCK);
    next(thread, self);
    if (__tsan_acquire) __tsan_acquire(self);
}

SWIFT void sluice_unlock_slow(SELF) {
    SWIFT void (*next)(SELF) = dlsym(RTLD_NEXT, UNLOCK);
    if (__tsan_release) __tsan_release(self);
    next(self);
}
