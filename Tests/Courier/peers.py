# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""The courier's peers, real and on loopback: a store like S3 that checks signatures, and OpenSSH's server."""

import contextlib
import hashlib
import http.server
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
COURIER = os.environ.get("SLUICE_COURIER", str(ROOT / ".build/debug/sluice-courier"))
ENVIRONMENT = {**os.environ, "SWIFT_BACKTRACE": "enable=no"}


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def within(seconds, condition):
    """Whether a condition comes true in time; it is asked again and again."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def listens(port):
    with socket.socket() as one:
        one.settimeout(0.5)
        return one.connect_ex(("127.0.0.1", port)) == 0


class Process:
    """A program that is started for a test and ended by its number."""

    def start(self, command, log, **options):
        self.log = log
        with open(log, "ab") as out:
            self.process = subprocess.Popen(
                command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True, **options)

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Bucket(Process):
    """moto's server with one bucket. It checks signatures and rights as Amazon does, once it is told to."""

    name = "box-backups"
    region = "eu-central-1"

    def __init__(self, folder, certificate=None):
        self.port = free_port()
        self.secure = certificate is not None
        self.endpoint = f"http{'s' if self.secure else ''}://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        if self.secure:
            command += ["-c", str(certificate[0]), "-k", str(certificate[1])]
        self.start(command, folder / "moto.log", env=ENVIRONMENT)
        assert within(30, lambda: listens(self.port)), open(self.log).read()
        self.verify = str(certificate[0]) if self.secure else None
        iam = self.client("iam", "test", "test")
        iam.create_user(UserName="box")
        iam.put_user_policy(UserName="box", PolicyName="all", PolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}))
        key = iam.create_access_key(UserName="box")["AccessKey"]
        self.access_key, self.secret_key = key["AccessKeyId"], key["SecretAccessKey"]
        iam.create_user(UserName="guest")
        key = iam.create_access_key(UserName="guest")["AccessKey"]
        self.guest = key["AccessKeyId"], key["SecretAccessKey"]
        iam.create_user(UserName="owner")
        iam.put_user_policy(UserName="owner", PolicyName="rights", PolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]}))
        key = iam.create_access_key(UserName="owner")["AccessKey"]
        self.owner = key["AccessKeyId"], key["SecretAccessKey"]
        self.client("s3", "test", "test").create_bucket(
            Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": self.region})
        self.check_signatures(0)

    @contextlib.contextmanager
    def denied(self, action):
        """Takes a right from the box for a while; what is denied counts more than what is allowed."""
        iam = self.client("iam", *self.owner)
        iam.put_user_policy(UserName="box", PolicyName="denied", PolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": action, "Resource": "*"}]}))
        try:
            yield
        finally:
            iam.delete_user_policy(UserName="box", PolicyName="denied")

    def check_signatures(self, after):
        request = urllib.request.Request(
            f"{self.endpoint}/moto-api/reset-auth", data=str(after).encode(), method="POST",
            headers={"Content-Type": "text/plain"})
        context = ssl.create_default_context(cafile=self.verify) if self.secure else None
        urllib.request.urlopen(request, context=context).read()

    def client(self, service, access_key=None, secret_key=None):
        # Here, since the browser tests know the SSH server only.
        import boto3
        from botocore.config import Config
        return boto3.client(
            service, endpoint_url=self.endpoint, region_name=self.region, verify=self.verify,
            aws_access_key_id=access_key or self.access_key, aws_secret_access_key=secret_key or self.secret_key,
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}))

    def target(self, **changes):
        return {"name": "s3", "s3": {
            "endpoint": self.endpoint, "bucket": self.name, "prefix": "box/", "region": self.region,
            "accessKey": self.access_key, "secretKey": self.secret_key, "pathStyle": True, **changes}}

    def objects(self):
        """Names below the prefix with their bytes."""
        s3 = self.client("s3")
        found = s3.list_objects_v2(Bucket=self.name).get("Contents", [])
        return {
            one["Key"].removeprefix("box/"): s3.get_object(Bucket=self.name, Key=one["Key"])["Body"].read()
            for one in found}

    def secrets(self):
        return [self.secret_key]


class Shell(Process):
    """OpenSSH's server for the user who runs the tests, with keys of its own and SFTP only."""

    def __init__(self, folder):
        self.port = free_port()
        self.folder = folder
        self.root = folder / "remote"
        self.root.mkdir()
        self.user = pwd.getpwuid(os.getuid()).pw_name
        for name in ["host", "host2", "user", "stranger"]:
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", folder / name], check=True)
        shutil.copy(folder / "user.pub", folder / "authorized")
        if os.getuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        self.write_settings("host")
        self.up()

    def write_settings(self, host_key):
        (self.folder / "sshd_config").write_text(f"""
            ListenAddress 127.0.0.1
            Port {self.port}
            HostKey {self.folder}/{host_key}
            PidFile none
            AuthorizedKeysFile {self.folder}/authorized
            PubkeyAuthentication yes
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin prohibit-password
            StrictModes no
            UsePAM no
            Subsystem sftp internal-sftp
            ForceCommand internal-sftp
        """)

    def up(self):
        self.start(
            ["/usr/sbin/sshd", "-D", "-e", "-f", str(self.folder / "sshd_config")], self.folder / "sshd.log")
        assert within(10, lambda: listens(self.port)), open(self.log).read()

    def fingerprint(self, name="host"):
        text = subprocess.run(
            ["ssh-keygen", "-l", "-f", self.folder / f"{name}.pub"], check=True, capture_output=True, text=True)
        return text.stdout.split()[1]

    def key(self, name="user"):
        return (self.folder / name).read_text()

    def target(self, **changes):
        return {"name": "sftp", "sftp": {
            "host": "127.0.0.1", "port": self.port, "path": f"{self.root}/box", "user": self.user,
            "privateKey": self.key(), "hostKeys": [self.fingerprint()], **changes}}

    def objects(self):
        """Files whose name an object could have, with their bytes."""
        top = self.root / "box"
        return {
            str(one.relative_to(top)): one.read_bytes()
            for one in top.rglob("*") if one.is_file() and not one.name.startswith(".")}

    def secrets(self):
        return [line for line in self.key().splitlines() if len(line) > 40]


class Gateway:
    """A service that sends short messages: keeps what is posted to it, and answers as it is told to."""

    secret = "s3cr3t-of-the-gateway"

    def __init__(self, certificate=None):
        peer = self
        self.posts, self.answer = [], (200, b'{"status":"accepted"}', {})
        self.delay = threading.Event()

        class Desk(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                peer.posts.append((self.path, dict(self.headers), body))
                status, answer, more = peer.answer
                if status is None:
                    peer.delay.wait(60)  # Never answers while the test lasts.
                    return
                try:
                    self.send_response(status)
                    for name, value in more.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)
                except OSError:
                    pass  # Whoever asked has heard enough.

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Desk)
        self.server.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.base = f"http{'s' if certificate else ''}://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def settings(self, **changes):
        return {
            "address": f"{self.base}/messages", "media": "json", "template": '{"to":"{to}","text":"{text}"}',
            "header": "Authorization", "secret": f"Bearer {self.secret}", "seconds": 5, **changes}

    def target(self, **changes):
        kept = {name: value for name, value in self.settings(**changes).items() if value is not None}
        return {"name": "sms", "gateway": kept}

    def stop(self):
        self.delay.set()
        self.server.shutdown()
        self.server.server_close()

    def secrets(self):
        return [self.secret]


class Once:
    """The courier with `--once`: lines in, lines out. Everything that it says is kept."""

    def __init__(self, folder, *arguments):
        self.folder = folder
        self.arguments = arguments
        self.said = ""

    def __call__(self, target, *works):
        lines = "".join(
            json.dumps({"id": number, "target": target, "work": work}) + "\n" for number, work in enumerate(works, 1))
        return self.raw(lines)

    def raw(self, lines):
        run = subprocess.run(
            [COURIER, "--once", "--folder", str(self.folder), *self.arguments], input=lines, capture_output=True,
            text=True, timeout=120, env=ENVIRONMENT)
        self.status = run.returncode
        self.said += run.stdout + run.stderr
        return [json.loads(line) for line in run.stdout.splitlines()]

    def one(self, target, work):
        (report,) = self(target, work)
        return report


def written(path, content):
    path.write_bytes(content)
    return {"file": str(path), "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def put(path, content, name):
    return {"kind": "object.put", "object": name, **written(path, content)}
