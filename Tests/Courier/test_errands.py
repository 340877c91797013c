# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""Errands that the courier carries out at real peers, one run of the program for a few lines each."""

import hashlib
import os
import random

from peers import put, written


def test_what_is_put_is_there_and_comes_back(peer, once, spool):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    content = random.Random(seed).randbytes(3_000_001)
    away = put(spool / "away", content, "segments/2026-11/0001.seg")
    empty = put(spool / "empty", b"", "segments/empty")
    back = {"kind": "object.get", "object": away["object"], "file": str(spool / "back")}
    checked = {**back, "file": str(spool / "checked"), "size": len(content), "sha256": away["sha256"]}
    reports = once(peer.target(), away, empty, back, checked)
    assert [one["outcome"] for one in reports] == ["done"] * 4, reports
    assert once.status == 0
    assert reports[2]["answer"] == {"kind": "fetched", "size": len(content), "sha256": away["sha256"]}
    assert (spool / "back").read_bytes() == content
    assert (spool / "checked").read_bytes() == content
    assert peer.objects() == {"segments/2026-11/0001.seg": content, "segments/empty": b""}
    assert not list(spool.glob("*.part"))


def test_an_object_is_replaced_as_a_whole(peer, once, spool):
    first = put(spool / "first", b"1" * 5000, "manifest")
    second = put(spool / "second", b"2" * 10, "manifest")
    assert [one["outcome"] for one in once(peer.target(), first, second, second)] == ["done"] * 3
    assert peer.objects() == {"manifest": b"2" * 10}


def test_a_list_is_complete_in_order_and_in_pages(peer, once, spool):
    names = [f"a/{number:02}" for number in range(7)] + ["a-b/x", "b", "manifest=1_2.json"]
    works = [put(spool / f"f{number}", b"x" * number, name) for number, name in enumerate(names)]
    assert all(one["outcome"] == "done" for one in once(peer.target(), *works))
    sizes = dict(zip(names, range(len(names))))

    def listed(report):
        return [(one["object"], one["size"]) for one in report["answer"]["objects"]]

    everything = once.one(peer.target(), {"kind": "object.list"})
    assert listed(everything) == sorted(sizes.items())
    assert everything["answer"]["next"] is None
    below = once.one(peer.target(), {"kind": "object.list", "prefix": "a/"})
    assert [name for name, _ in listed(below)] == names[:7]
    assert listed(once.one(peer.target(), {"kind": "object.list", "prefix": "a/03"})) == [("a/03", 3)]
    assert listed(once.one(peer.target(), {"kind": "object.list", "prefix": "none/"})) == []
    pages, after = [], None
    while True:
        work = {"kind": "object.list", "limit": 3} | ({"after": after} if after else {})
        answer = once.one(peer.target(), work)["answer"]
        assert len(answer["objects"]) <= 3
        pages += [one["object"] for one in answer["objects"]]
        after = answer["next"]
        if after is None:
            break
    assert pages == sorted(names)


def test_names_of_others_are_passed_over(peer, once, spool):
    target = peer.target()
    assert once.one(target, put(spool / "ours", b"1", "ours"))["outcome"] == "done"
    if "s3" in target:
        s3 = peer.client("s3")
        for name in ["box/with space & more", "box/.hidden", "elsewhere", "box/ü"]:
            s3.put_object(Bucket=peer.name, Key=name, Body=b"x")
        # A page that holds none of ours leads to the next.
        assert once.one(target, {"kind": "object.list", "limit": 1})["answer"]["objects"] == [
            {"object": "ours", "size": 1}]
    else:
        (peer.root / "box" / "with space").write_bytes(b"x")
        (peer.root / "box" / ".hidden.part").write_bytes(b"x")
        os.symlink("/etc", peer.root / "box" / "link")
    answer = once.one(target, {"kind": "object.list"})["answer"]
    assert answer == {"kind": "listed", "next": None, "objects": [{"object": "ours", "size": 1}]}


def test_a_delete_can_be_repeated(peer, once, spool):
    gone = {"kind": "object.delete", "object": "dir/gone"}
    reports = once(peer.target(), put(spool / "f", b"1", "dir/gone"), gone, gone, {
        "kind": "object.delete", "object": "never/was"})
    assert [one["outcome"] for one in reports] == ["done"] * 4, reports
    assert peer.objects() == {}


def test_a_probe_leaves_nothing(peer, once):
    report = once.one(peer.target(), {"kind": "object.probe"})
    assert report == {"id": 1, "outcome": "done", "answer": {"kind": "probed", "mayDelete": True}}
    assert peer.objects() == {}


def test_an_object_that_is_not_there_is_told(peer, once, spool):
    once.one(peer.target(), put(spool / "f", b"1", "there"))
    report = once.one(peer.target(), {"kind": "object.get", "object": "not/there", "file": str(spool / "x")})
    assert (report["outcome"], report["reason"]) == ("refused", "object_missing")
    assert once.status == 1
    assert sorted(one.name for one in spool.iterdir()) == ["f"]


def test_a_fetched_object_that_is_another_gets_no_name(peer, once, spool):
    away = put(spool / "f", b"genuine", "one")
    other = {"kind": "object.get", "object": "one", "file": str(spool / "back"),
             "sha256": hashlib.sha256(b"forged").hexdigest()}
    larger = {"kind": "object.get", "object": "one", "file": str(spool / "back"), "size": 6}
    reports = once(peer.target(), away, other, larger)
    assert [one.get("reason") for one in reports] == [None, "not_verified", "not_verified"]
    assert sorted(one.name for one in spool.iterdir()) == ["f"]


def test_a_file_that_changed_is_not_stored(peer, once, spool):
    content = random.randbytes(700_000)
    shorter = put(spool / "shorter", content, "shorter")
    (spool / "shorter").write_bytes(content[:-1])
    altered = put(spool / "altered", content, "altered")
    (spool / "altered").write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    missing = put(spool / "missing", content, "missing")
    (spool / "missing").unlink()
    folder = {**put(spool / "x", b"", "folder"), "file": str(spool)}
    reports = once(peer.target(), shorter, altered, missing, folder)
    assert [one["reason"] for one in reports] == ["file_changed", "file_changed", "file_missing", "file_outside"]
    assert all(one["outcome"] == "refused" for one in reports)
    assert peer.objects() == {}


def test_files_outside_of_the_folder_are_left_alone(peer, once, spool, tmp_path):
    content = b"not for the courier"
    outside = {**written(tmp_path / "secret", content), "kind": "object.put", "object": "x"}
    os.symlink(tmp_path, spool / "way-out")
    os.symlink(tmp_path / "secret", spool / "link")
    around = {**outside, "file": str(spool / "way-out" / "secret")}
    link = {**outside, "file": str(spool / "link")}
    over = {"kind": "object.get", "object": "x", "file": str(tmp_path / "secret")}
    dots = {**outside, "file": f"{spool}/../secret"}
    reports = once(peer.target(), outside, around, link, over, dots)
    assert [one["reason"] for one in reports] == [
        "file_outside", "file_outside", "file_missing", "file_outside", "errand_unreadable"]
    assert (tmp_path / "secret").read_bytes() == content
    assert peer.objects() == {}


def test_an_errand_that_is_none_is_answered_and_the_next_is_done(bucket, once):
    good = '{"id":7,"target":%s,"work":{"kind":"object.probe"}}\n'
    import json
    text = json.dumps(bucket.target())
    lines = [
        "this is no JSON\n", "{}\n", "[1]\n", "x" * 100_000 + "\n",
        '{"id":1,"target":%s,"work":{"kind":"object.shred"}}\n' % text,
        '{"id":1,"target":%s,"work":{"kind":"object.probe","more":1}}\n' % text,
        '{"id":1,"target":{"name":"a"},"work":{"kind":"object.probe"}}\n',
        '{"id":1,"target":%s,"work":{"kind":"object.delete","object":"../x"}}\n' % text,
        good % text,
    ]
    reports = once.raw("".join(lines))
    assert [one.get("reason") for one in reports] == ["errand_unreadable"] * 8 + [None]
    assert reports[-1]["id"] == 7
