#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""Makes common-passwords.bin: 5 bytes of BLAKE2b-256 of each word that is refused as a password.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install zxcvbn==4.5.0
    /tmp/venv/bin/python Sources/System/CCommonPasswords/make_list.py

The words are the frequency lists of zxcvbn: passwords that leaked, English words, first names and surnames. Only
their hashes are kept here. Licence of the lists: MIT, see zxcvbn-LICENSE.txt beside this file.
A word more or less for one place: put it into a text file, one a line, and name the file as an argument.
"""

import hashlib
import pathlib
import sys

from zxcvbn.frequency_lists import FREQUENCY_LISTS

LISTS = ["passwords", "english_wikipedia", "female_names", "male_names", "surnames"]
BYTES = 5


def record(word):
    return hashlib.blake2b(word.lower().encode(), digest_size=32).digest()[:BYTES]


words = {word.lower() for name in LISTS for word in FREQUENCY_LISTS[name]}
for path in sys.argv[1:]:
    words.update(line.strip().lower() for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines())
words.discard("")
records = sorted({record(word) for word in words})
target = pathlib.Path(__file__).with_name("common-passwords.bin")
target.write_bytes(b"".join(records))
print(f"{len(words)} words, {len(records)} records, {target.stat().st_size} bytes")
