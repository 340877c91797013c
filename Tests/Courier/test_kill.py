# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""The courier is killed in the middle of an upload: nothing looks whole that is not. What it shows meanwhile."""

import json
import os
import random
import subprocess
import time

from peers import COURIER, ENVIRONMENT, put, within

SIZE = 4_000_000
# Slow enough that a kill finds the transfer under way.
SPEED = 1_000_000


def start(spool, target, work):
    process = subprocess.Popen(
        [COURIER, "--once", "--folder", str(spool)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, env=ENVIRONMENT)
    process.stdin.write(json.dumps({"id": 1, "target": target, "work": work}).encode() + b"\n")
    process.stdin.flush()
    return process


def test_a_kill_in_the_middle_of_an_upload(peer, once, spool):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    dice = random.Random(seed)
    content = dice.randbytes(SIZE)
    target = {**peer.target(), "bytesPerSecond": SPEED}
    work = put(spool / "f", content, "deep/segment")
    for _ in range(4):
        process = start(spool, target, work)
        # At any moment between the first byte and the last.
        time.sleep(dice.uniform(0.1, 2.5))
        assert process.poll() is None
        process.kill()
        process.wait()
        # What a peer makes of the broken upload, it makes of it now.
        time.sleep(0.3)
        assert peer.objects() == {}
        assert once.one(peer.target(), {"kind": "object.list"}).get("answer", {}).get("objects", []) == []
    assert once.one(peer.target(), work)["outcome"] == "done"
    assert peer.objects() == {"deep/segment": content}
    if hasattr(peer, "root"):
        # Nor is there anything else of the broken ones.
        assert [one.name for one in (peer.root / "box" / "deep").iterdir()] == ["segment"]


def test_a_kill_in_the_middle_of_a_fetch(peer, once, spool):
    content = random.randbytes(SIZE)
    assert once.one(peer.target(), put(spool / "f", content, "there"))["outcome"] == "done"
    back = {"kind": "object.get", "object": "there", "file": str(spool / "back")}
    process = start(spool, {**peer.target(), "bytesPerSecond": SPEED}, back)
    assert within(10, lambda: (spool / "back.part").exists() and (spool / "back.part").stat().st_size > 0)
    process.kill()
    process.wait()
    assert not (spool / "back").exists()
    assert once.one(peer.target(), back)["outcome"] == "done"
    assert (spool / "back").read_bytes() == content
    assert not (spool / "back.part").exists()


def test_no_secret_is_in_arguments_environment_or_a_file_of_a_disk(peer, spool):
    content = os.urandom(SIZE)
    process = start(spool, {**peer.target(), "bytesPerSecond": SPEED}, put(spool / "f", content, "watched"))
    folder = f"/proc/{process.pid}"
    try:
        def files():
            return [os.readlink(f"{folder}/fd/{one}") for one in os.listdir(f"{folder}/fd")]

        # From the moment when the upload has begun.
        assert within(10, lambda: str(spool / "f") in files())
        seen = b"".join(open(f"{folder}/{name}", "rb").read() for name in ["cmdline", "environ"])
        found = files()
    finally:
        process.kill()
        process.wait()
    for secret in peer.secrets():
        assert secret.encode() not in seen
    on_disk = [one for one in found if one.startswith("/") and not one.startswith(("/dev/", "/memfd:"))]
    assert on_disk == [str(spool / "f")]
