# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""What the courier says when a target is not there, is another one, or does not want."""

import pytest

from peers import Bucket, Once, free_port, put

PROBE = {"kind": "object.probe"}


def reason(report):
    return report["outcome"], report.get("reason")


@pytest.mark.parametrize("changes, expected", [
    ({"secretKey": "wrong"}, ("refused", "credentials_refused")),
    ({"accessKey": "AKIANOBODY"}, ("refused", "credentials_refused")),
    ({"bucket": "another-bucket"}, ("refused", "place_missing")),
])
def test_a_bucket_that_refuses(bucket, once, spool, changes, expected):
    for work in [PROBE, put(spool / "f", b"x", "refused"), {"kind": "object.list"}]:
        report = once.one(bucket.target(**changes), work)
        assert reason(report) == expected, report
        assert "wrong" not in report["text"]
    assert "refused" not in bucket.objects()


def test_a_user_without_rights_is_refused(bucket, once, spool):
    key, secret = bucket.guest
    target = bucket.target(accessKey=key, secretKey=secret)
    for work in [PROBE, put(spool / "f", b"x", "no"), {"kind": "object.list"}]:
        assert reason(once.one(target, work)) == ("refused", "access_denied")
    assert secret not in once.said


def test_a_host_with_another_key_is_refused(shell, once, spool):
    report = once.one(shell.target(hostKeys=[shell.fingerprint("host2")]), put(spool / "f", b"x", "no"))
    assert reason(report) == ("refused", "host_key_refused")
    # The person who looks after the box can compare it with what the host prints.
    assert shell.fingerprint() in report["text"]
    assert shell.objects().get("no") is None
    report = once.one(shell.target(hostKeys=[shell.fingerprint("host2"), shell.fingerprint()]), PROBE)
    assert report["outcome"] == "done"


def test_a_host_without_an_agreed_key_is_not_even_asked(shell, once):
    assert reason(once.one(shell.target(hostKeys=[]), PROBE)) == ("refused", "errand_unreadable")


@pytest.mark.parametrize("changes", [{"user": "nobody-here"}, {"key": "stranger"}])
def test_a_stranger_is_not_let_in(shell, once, changes):
    if "key" in changes:
        changes = {"privateKey": shell.key(changes["key"])}
    report = once.one(shell.target(**changes), PROBE)
    assert reason(report) == ("refused", "credentials_refused"), report


def test_a_password_is_refused_where_only_keys_are_taken(shell, once):
    target = shell.target()
    del target["sftp"]["privateKey"]
    target["sftp"]["password"] = "correct-horse-battery"
    report = once.one(target, PROBE)
    assert reason(report) == ("refused", "credentials_refused"), report
    assert "correct-horse" not in once.said


def test_a_folder_that_is_missing_is_told_by_a_list_and_made_by_a_put(shell, once, spool):
    target = shell.target(path=f"{shell.root}/elsewhere/deep")
    assert reason(once.one(target, {"kind": "object.list"})) == ("refused", "place_missing")
    assert once.one(target, put(spool / "f", b"x", "a/b"))["outcome"] == "done"
    assert (shell.root / "elsewhere/deep/a/b").read_bytes() == b"x"


def test_a_place_where_nobody_may_write_is_told(shell, once, spool):
    blocked = shell.root / "blocked"
    blocked.write_bytes(b"a file and no folder")
    report = once.one(shell.target(path=str(blocked)), put(spool / "f", b"x", "a"))
    assert report["outcome"] in ("refused", "later")
    assert blocked.read_bytes() == b"a file and no folder"


@pytest.mark.parametrize("kind", ["bucket", "shell"])
def test_nobody_at_the_other_end_is_a_matter_of_time(kind, request, once):
    peer, port = request.getfixturevalue(kind), free_port()
    changes = {"endpoint": f"http://127.0.0.1:{port}"} if kind == "bucket" else {"port": port}
    assert reason(once.one(peer.target(**changes), PROBE)) == ("later", "unreachable")


def test_a_name_that_nobody_knows(bucket, shell, once):
    assert reason(once.one(bucket.target(endpoint="https://nowhere.invalid"), PROBE)) == ("later", "host_unknown")
    assert reason(once.one(shell.target(host="nowhere.invalid"), PROBE)) == ("later", "host_unknown")


def test_a_redirect_is_not_followed(once, tmp_path):
    """A target that sends the courier elsewhere would learn what it may not."""
    import http.server
    import threading
    seen = []

    class Redirect(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.path)
            self.send_response(307)
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/stolen")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_PUT = do_GET

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Redirect) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        target = {"name": "s3", "s3": {
            "endpoint": f"http://127.0.0.1:{server.server_port}", "bucket": "any", "region": "us-east-1",
            "accessKey": "a", "secretKey": "s", "pathStyle": True}}
        assert reason(once.one(target, {"kind": "object.list"})) == ("refused", "region_wrong")
        server.shutdown()
    assert len(seen) == 1 and "stolen" not in seen[0]


def test_only_certificates_of_known_authorities_are_trusted(certificate, tmp_path, spool):
    peer = Bucket(tmp_path, certificate)
    try:
        trusting = Once(spool, "--certificates", str(certificate[0]))
        assert trusting.one(peer.target(), put(spool / "f", b"x", "over-tls"))["outcome"] == "done"
        doubting = Once(spool)
        assert reason(doubting.one(peer.target(), PROBE)) == ("refused", "certificate_refused")
        # The name on the certificate counts, too.
        other = peer.target(endpoint=peer.endpoint.replace("127.0.0.1", "localhost"))
        assert reason(trusting.one(other, PROBE)) == ("refused", "certificate_refused")
    finally:
        peer.stop()
