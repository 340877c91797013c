// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors
//
// Swift does not import C functions with variable arguments. These wrappers give each kind of
// argument of curl_easy_setopt and curl_easy_getinfo a fixed signature; the names stand in
// parentheses because curl.h hides the functions behind macros that check types in C only.
// Source: https://curl.se/libcurl/c/curl_easy_setopt.html
#ifndef SLUICE_CCURL_SHIM_H
#define SLUICE_CCURL_SHIM_H

#include <curl/curl.h>
#include <stddef.h>

/// Moves bytes: fills `buffer` when uploading, empties it when downloading.
typedef size_t (*sluice_curl_move)(char *buffer, size_t size, size_t count, void *context);
/// Goes back to `offset` in what is uploaded, when a request has to be sent again.
typedef int (*sluice_curl_seek)(void *context, curl_off_t offset, int origin);
/// Called about once a second; anything but 0 ends the transfer.
typedef int (*sluice_curl_watch)(void *context, curl_off_t down_total, curl_off_t down,
                                 curl_off_t up_total, curl_off_t up);
/// Judges the key that an SSH server shows (CURLKHMATCH_OK or CURLKHMATCH_MISMATCH).
typedef int (*sluice_curl_host_key)(void *context, int type, const char *key, size_t size);

static inline CURLcode sluice_curl_global_init(void) {
    return curl_global_init(CURL_GLOBAL_DEFAULT);
}
static inline CURLcode sluice_curl_set_number(CURL *handle, CURLoption option, long value) {
    return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode sluice_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
    return (curl_easy_setopt)(handle, option, value);
}
/// libcurl keeps a copy of the text.
static inline CURLcode sluice_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return (curl_easy_setopt)(handle, option, value);
}
/// For contexts, buffers and lists, which libcurl does not copy.
static inline CURLcode sluice_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return (curl_easy_setopt)(handle, option, value);
}
/// Keeps a copy of `size` bytes as the body of a POST; the size must have been set before.
static inline CURLcode sluice_curl_set_body(CURL *handle, const void *bytes) {
    return (curl_easy_setopt)(handle, CURLOPT_COPYPOSTFIELDS, bytes);
}
static inline CURLcode sluice_curl_set_move(CURL *handle, CURLoption option,
                                            sluice_curl_move function) {
    return (curl_easy_setopt)(handle, option, function);
}
static inline CURLcode sluice_curl_set_seek(CURL *handle, sluice_curl_seek function) {
    return (curl_easy_setopt)(handle, CURLOPT_SEEKFUNCTION, function);
}
static inline CURLcode sluice_curl_set_watch(CURL *handle, sluice_curl_watch function) {
    return (curl_easy_setopt)(handle, CURLOPT_XFERINFOFUNCTION, function);
}
static inline CURLcode sluice_curl_set_host_key(CURL *handle, sluice_curl_host_key function) {
    return (curl_easy_setopt)(handle, CURLOPT_SSH_HOSTKEYFUNCTION, function);
}
static inline CURLcode sluice_curl_number(CURL *handle, CURLINFO info, long *value) {
    return (curl_easy_getinfo)(handle, info, value);
}
static inline CURLcode sluice_curl_size(CURL *handle, CURLINFO info, curl_off_t *value) {
    return (curl_easy_getinfo)(handle, info, value);
}

static const int sluice_curl_key_fits = CURLKHMATCH_OK;
static const int sluice_curl_key_differs = CURLKHMATCH_MISMATCH;
static const size_t sluice_curl_read_abort = CURL_READFUNC_ABORT;
static const long sluice_curl_ssh_public_key = CURLSSH_AUTH_PUBLICKEY;
static const long sluice_curl_ssh_password = CURLSSH_AUTH_PASSWORD;
/// Linux's memfd_create(2), which Glibc's header shows to programs with GNU extensions only: a
/// private key is handed to libssh2 as the path of a file, and this file is on no disk.
extern int memfd_create(const char *name, unsigned int flags);
static const unsigned int sluice_memfd_cloexec = 1U;

static const int sluice_curl_error_size = CURL_ERROR_SIZE;

#endif
