# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""Backups on other machines: the real daemon and courier, a store like S3 and OpenSSH's server."""

import random
import time

import pytest

from box import Box, waits


@pytest.fixture
def box(tmp_path, request):
    box = Box(tmp_path / "box").start()
    yield box
    box.stop()
    # Nothing that anybody said holds a secret of a target.
    texts = box.said + "".join(open(f"{box.data}{end}").read() for end in [".log"])
    for name in {"peer", "bucket", "shell"} & set(request.fixturenames):
        for secret in request.getfixturevalue(name).secrets():
            assert secret not in texts


class Way:
    """How the command line gets to a peer."""

    def __init__(self, peer):
        self.peer = peer
        self.is_bucket = hasattr(peer, "secret_key")
        if self.is_bucket:
            self.kind = "s3"
            self.address = f"s3://{peer.name}/box?endpoint={peer.endpoint}&region={peer.region}"
            self.words = ["--access-key", peer.access_key]
            self.typed = peer.secret_key + "\n"
        else:
            self.kind = "sftp"
            self.address = f"sftp://{peer.user}@127.0.0.1:{peer.port}{peer.root}/box"
            self.words = ["--ssh-key-file", str(peer.folder / "user"), "--host-key", peer.fingerprint()]
            self.typed = ""

    def add(self, box, name="off-site", more=()):
        return box.control(
            "backup", "target", "add", self.kind, name, self.address, *self.words, *more, typed=self.typed)

    def restore(self, box, data, key, *more):
        return box.control(
            "restore", "--from", self.address, *self.words, "--data", str(data), *more,
            typed=self.typed + key + "\n", daemon=False)

    def put(self, name, content):
        if self.is_bucket:
            self.peer.client("s3").put_object(Bucket=self.peer.name, Key=f"box/{name}", Body=content)
        else:
            (self.peer.root / "box" / name).write_bytes(content)

    def remove(self, name):
        if self.is_bucket:
            self.peer.client("s3").delete_object(Bucket=self.peer.name, Key=f"box/{name}")
        else:
            (self.peer.root / "box" / name).unlink()


def run_job(box, name):
    """Asks for a run of a job and waits for its end."""
    before = box.job(name)["lastStart"]
    box.ask("POST", f"/api/v1/jobs/{name}/run", {})

    def ended():
        state = box.job(name)
        return state["lastStart"] != before and state["lastResult"]

    assert waits(120, ended)
    return box.job(name)


def ship(box):
    """Asks for a shipment and waits for its end."""
    return run_job(box, "backup.ship")


def test_a_box_that_burnt_down_is_back_from_another_machine(peer, box, tmp_path):
    way = Way(peer)
    box.start_courier().set_up()
    key = box.add_recovery()
    box.receive(23)
    code, text = way.add(box)
    assert code == 0, text
    code, text = box.control("backup", "run")
    assert code == 0, text
    for _ in range(5):
        box.receive(1)
    for words in [["drill"], ["backup", "verify"], ["backup", "status"]]:
        code, text = box.control(*words)
        assert code == 0, text
    assert box.target()["place"] == way.address
    shown = str(box.ask("GET", "/api/v1/backups")) + str(box.ask("GET", "/api/v1/journal?limit=200"))
    assert not any(secret in shown for secret in peer.secrets())
    assert ship(box)["lastResult"] == "done"
    books = box.books()
    box.kill()
    code, text = way.restore(box, tmp_path / "new", "0000-" * 13 + "0000")
    assert code == 1 and "recovery key" in text, text
    code, text = way.restore(box, tmp_path / "new", key)
    assert code == 0, text
    new = Box(tmp_path / "new").start()
    try:
        new.variant = box.variant
        assert new.books() == books
        assert new.books()["level"]["quantity"] == "28"
        assert new.control("verify")[0] == 0
    finally:
        new.stop()


def test_how_much_work_is_lost_when_the_box_is_gone(peer, box, tmp_path):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    way = Way(peer)
    box.start_courier().set_up()
    key = box.add_recovery()
    assert way.add(box)[0] == 0
    assert ship(box)["lastResult"] == "done"
    shipped = box.job("backup.ship")["lastStart"]
    # Work goes on until the box has shipped by itself, and then for a while.
    acknowledged, end = [], None
    while end is None or time.monotonic() < end:
        box.receive(1)
        acknowledged.append(time.monotonic())
        state = box.job("backup.ship")
        if end is None and state["lastStart"] != shipped and state["lastResult"]:
            end = time.monotonic() + random.Random(seed).uniform(5, 40)
        time.sleep(0.2)
    killed = time.monotonic()
    box.kill()
    code, text = way.restore(box, tmp_path / "new", key)
    assert code == 0, text
    new = Box(tmp_path / "new").start()
    try:
        kept = int(new.ask("GET", f"/api/v1/stock/level?variant={box.variant}")["quantity"])
    finally:
        new.stop()
    assert 0 < kept <= len(acknowledged)
    lost = killed - acknowledged[kept] if kept < len(acknowledged) else 0
    print(f"{way.kind}: {len(acknowledged)} acknowledged, {kept} brought back, off-site RPO {lost:.1f} s")
    assert lost <= 60


def test_each_object_deleted_or_replaced_is_detected(peer, box):
    way = Way(peer)
    box.start_courier().set_up()
    box.receive(1)
    assert way.add(box)[0] == 0
    ship(box)
    assert box.control("backup", "verify")[0] == 0
    names = sorted(peer.objects())
    assert {"index", "keys"} < set(names) and len(names) >= 5
    for name in names:
        for act in ["deleted", "replaced"]:
            # What the index names may have grown, and the index is written anew by each shipment.
            ship(box)
            content = peer.objects()[name]
            if act == "deleted":
                way.remove(name)
            else:
                place = random.randrange(len(content))
                way.put(name, content[:place] + bytes([content[place] ^ 8]) + content[place + 1:])
            code, text = box.control("backup", "verify")
            assert code == 1 and "off-site" in text, f"{name} {act}: {text}"
            way.put(name, content)
    assert box.control("backup", "verify")[0] == 0


def test_a_courier_killed_in_a_fetch_holds_nobody_up(peer, box):
    way = Way(peer)
    box.start_courier().set_up().fill(400)
    # So slow that the kill finds a part of the snapshot on its way.
    assert way.add(box, more=["--limit", "600"])[0] == 0
    assert ship(box)["lastResult"] == "done"
    box.ask("POST", "/api/v1/jobs/backup.verify/run", {})
    inbox = box.data / "errands" / "in"
    assert waits(60, lambda: any(one.stat().st_size > 100_000 for one in inbox.glob("*.part")))
    box.kill_courier()
    start = time.monotonic()
    assert waits(60, lambda: box.job("backup.verify")["lastResult"] == "failed")
    took = time.monotonic() - start
    print(f"{way.kind}: told {took:.1f} s after the kill")
    assert box.job("backup.verify")["lastNote"] == "backup.courier_away"
    assert took < 30
    # In the middle again, and this time another one comes.
    box.start_courier()
    assert waits(30, lambda: ship(box)["lastResult"] == "done")
    box.ask("POST", "/api/v1/jobs/backup.verify/run", {})
    assert waits(60, lambda: any(one.stat().st_size > 100_000 for one in inbox.glob("*.part")))
    box.kill_courier()
    box.start_courier()
    start = time.monotonic()
    assert waits(120, lambda: box.job("backup.verify")["lastResult"] == "done"), box.job("backup.verify")
    print(f"{way.kind}: done {time.monotonic() - start:.1f} s after the kill, by the next courier")


def test_shipments_go_on_while_everything_is_read(peer, box):
    way = Way(peer)
    box.start_courier().set_up().fill(400)
    assert way.add(box, more=["--limit", "600"])[0] == 0
    assert ship(box)["lastResult"] == "done"
    box.ask("POST", "/api/v1/jobs/backup.verify/run", {})
    assert waits(30, lambda: box.job("backup.verify")["running"])
    before = box.target()["commit"]
    box.receive(1)
    assert ship(box)["lastResult"] == "done"
    assert box.target()["commit"] > before
    assert box.job("backup.verify")["running"]
    assert waits(180, lambda: box.job("backup.verify")["lastResult"] == "done")


@pytest.mark.parametrize("peer", ["bucket"], indirect=True)
def test_a_bucket_that_lets_nothing_be_removed_keeps_all_and_backups_go_on(peer, box):
    way = Way(peer)
    with peer.denied("s3:DeleteObject"):
        box.start_courier().set_up()
        box.receive(3)
        assert way.add(box)[0] == 0
        assert ship(box)["lastResult"] == "done"
        left = "packs/0006500f1a2b3c4d01020304-0006500f1a2b3c4d-0006500f1a2b3c4e"
        way.put(left, b"left by a crash")
        thinned = run_job(box, "backup.thin")
        assert thinned["lastResult"] == "done" and "off-site lets nothing be removed" in thinned["lastNote"], thinned
        assert left in peer.objects()
        box.receive(4)
        assert ship(box)["lastResult"] == "done"
        for words in [["backup", "run"], ["drill"], ["backup", "verify"]]:
            code, text = box.control(*words)
            assert code == 0, text
        assert box.target()["fault"] is None
        code, text = box.control("backup", "target", "test", "tgt-1")
        assert code == 0 and "works" in text, text
    assert run_job(box, "backup.thin")["lastNote"].startswith("1 objects")
    assert left not in peer.objects()


def test_what_is_wrong_is_told_in_words(peer, box, tmp_path):
    way = Way(peer)
    code, text = way.add(box)
    assert code == 2 and "courier_away" in text and "systemctl start sluice-courier" in text, text
    box.start_courier()
    if way.is_bucket:
        way.typed = "not-the-secret\n"
        code, text = way.add(box)
        assert code == 2 and "credentials_refused" in text, text
        way.typed = peer.secret_key + "\n"
        way.address = way.address.replace(peer.name, "no-such-bucket")
        code, text = way.add(box)
        assert code == 2 and "place_missing" in text, text
    else:
        stranger = way.words.copy()
        stranger[1] = str(peer.folder / "stranger")
        way.words, right = stranger, way.words
        code, text = way.add(box)
        assert code == 2 and "credentials_refused" in text, text
        way.words = right[:2]
        code, text = way.add(box)
        assert code == 2 and f"--host-key {peer.fingerprint()}" in text, text
        way.words = right[:2] + ["--host-key", peer.fingerprint("host2")]
        code, text = way.add(box)
        assert code == 2 and "host_key_refused" in text and peer.fingerprint() in text, text
    assert box.ask("GET", "/api/v1/backups")["targets"] == []
    way = Way(peer)
    assert way.add(box)[0] == 0
    code, text = box.control("backup", "target", "test", "tgt-1")
    assert code == 0 and "works" in text, text
    code, text = way.add(box, name="again")
    assert code == 2 and "place_taken" in text, text
    code, text = box.control("backup", "target", "change", "tgt-1", way.address, *way.words, typed=way.typed)
    assert code == 0, text
    assert box.ask("GET", "/api/v1/journal?kind=backup.target_changed")["items"][0]["facts"] == {
        "name": "off-site", "kind": way.kind, "place": way.address, "accessChanged": False}
    ship(box)
    box.kill_courier()
    assert ship(box)["lastNote"] == "backup.courier_away"
    code, text = box.control("backup", "status")
    # Ten minutes of it are an alarm; what is wrong is said at once.
    assert code in (0, 1) and "courier does not run" in text, text
    assert box.target()["fault"] == "backup.courier_away"


def test_backups_go_on_over_a_rotation_of_the_key(peer, box, tmp_path):
    way = Way(peer)
    box.start_courier().set_up()
    key = box.add_recovery()
    box.receive(10)
    assert way.add(box)[0] == 0
    assert ship(box)["lastResult"] == "done"
    # Brought by the rotation itself, with a courier of its own.
    box.receive(5)
    box.stop()
    code, text = box.control("key", "rotate", "--data", str(box.data), typed=key + "\n", daemon=False)
    assert code == 0 and "not brought" not in text, text
    before = peer.objects()
    box.start().start_courier()
    box.receive(7)
    assert ship(box)["lastResult"] == "done"
    for words in [["drill"], ["backup", "verify"]]:
        code, text = box.control(*words)
        assert code == 0, text
    after = peer.objects()
    assert {name: content for name, content in after.items() if not name.startswith("epoch-2-")} == before
    assert any(name.startswith("epoch-2-") and name.endswith("/index") for name in after)
    code, text = box.control("backup", "list")
    assert code == 0 and "key epoch 1" in text, text
    box.kill()
    for name, more, level, epoch in [("new", [], "22", 2), ("old", ["--epoch", "1"], "15", 1)]:
        code, text = way.restore(box, tmp_path / name, key, *more)
        assert code == 0 and f"key epoch {epoch}" in text, text
        new = Box(tmp_path / name).start()
        try:
            assert new.ask("GET", f"/api/v1/stock/level?variant={box.variant}")["quantity"] == level
        finally:
            new.stop()
