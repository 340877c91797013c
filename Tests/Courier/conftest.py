# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors

import shutil
import subprocess

import pytest

from peers import Bucket, Once, Shell


@pytest.fixture(scope="session")
def bucket(tmp_path_factory):
    peer = Bucket(tmp_path_factory.mktemp("moto"))
    yield peer
    peer.stop()


@pytest.fixture(scope="session")
def shell(tmp_path_factory):
    peer = Shell(tmp_path_factory.mktemp("sshd"))
    yield peer
    peer.stop()


@pytest.fixture(params=["bucket", "shell"])
def peer(request):
    """Both kinds of target; what was stored by the test before is removed."""
    found = request.getfixturevalue(request.param)
    if request.param == "bucket":
        s3 = found.client("s3")
        for one in s3.list_objects_v2(Bucket=found.name).get("Contents", []):
            s3.delete_object(Bucket=found.name, Key=one["Key"])
    else:
        shutil.rmtree(found.root / "box", ignore_errors=True)
    return found


@pytest.fixture
def spool(tmp_path):
    folder = tmp_path / "spool"
    folder.mkdir()
    return folder


@pytest.fixture
def once(spool, request):
    """The courier by lines. At the end nothing that it said may hold a secret of its targets."""
    wanted = {"bucket", "shell"} if "peer" in request.fixturenames else {"bucket", "shell"} & set(request.fixturenames)
    peers = [request.getfixturevalue(name) for name in sorted(wanted)]
    courier = Once(spool)
    yield courier
    for secret in [secret for one in peers for secret in one.secrets()]:
        assert secret not in courier.said


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificate")
    pair = folder / "own.pem", folder / "own.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", pair[1], "-out", pair[0]],
        check=True, capture_output=True)
    return pair
