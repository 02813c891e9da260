"""A full disk, a file system that is read-only and too little memory end with one sentence and no partial file."""

import resource
import shutil
import signal
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from experiment import arguments, python, write_data
from reproduction.__main__ import main
from reproduction.store.files import replacing, write_arrays, write_rows, write_text


def split(data, out):
    return arguments(
        "split-images",
        images=data / "images.npz",
        count=20,
        train_fraction=0.5,
        test_fraction=0.5,
        seed=1,
        replicate=1,
        output=out,
    )


@pytest.fixture
def no_room(monkeypatch):
    """Let no file grow beyond 100 bytes: to a writer the same as a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, before)
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize(
    "write",
    [
        lambda path: write_text(path, "x" * 20_000),
        lambda path: write_rows(path, ["x"], [[1]] * 20_000),
        lambda path: write_arrays(path, x=np.zeros(20_000)),
        lambda path: write_arrays(path, x=np.zeros(3)),
    ],
    ids=["text", "rows", "arrays", "small arrays"],
)
def test_a_file_without_room_is_named_and_leaves_nothing(tmp_path, no_room, write):
    path = tmp_path / "file.npz"
    with pytest.raises(OSError, match="File too large") as caught:
        write(path)
    assert str(caught.value.filename) == str(path)
    assert list(tmp_path.iterdir()) == []
    no_room()
    write(path)
    assert list(tmp_path.iterdir()) == [path]


def test_an_output_that_is_a_folder_is_named_and_leaves_nothing(tmp_path):
    write_data(tmp_path)
    (tmp_path / "out").mkdir()
    before = set(tmp_path.iterdir())
    with pytest.raises(SystemExit, match=rf"split-images: {tmp_path}/out: (Is a directory|File exists)\.$"):
        main(split(tmp_path, tmp_path / "out"))
    assert set(tmp_path.iterdir()) == before


def test_a_file_that_another_writer_lacks_keeps_its_own_name(tmp_path):
    with pytest.raises(FileNotFoundError) as caught, replacing(tmp_path / "file"):
        (tmp_path / "absent").read_bytes()
    assert caught.value.filename == str(tmp_path / "absent") or caught.value.filename == tmp_path / "absent"


@pytest.mark.parametrize(("options", "reason"), [("size=16k", "No space left"), ("size=64k,ro", "Read-only file")])
def test_a_full_or_read_only_disk(tmp_path, options, reason):
    """The same words again, when there is room, write the file."""
    write_data(tmp_path)
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    mount = f"mount -t tmpfs -o {options} tmpfs {mounted}"
    alone = ["unshare", "-m", "sh", "-c"]
    if not shutil.which("unshare") or subprocess.run([*alone, mount], capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    fill = "" if "ro" in options else f"head -c 16384 /dev/zero > {mounted}/filler;"
    script = (
        f'{mount}; {fill} "$@"; echo status $?; ls -A {mounted}; '
        f'mount -o remount,rw,size=1m {mounted}; "$@" && ls -A {mounted}'
    )
    words = split(tmp_path, mounted / "split.npz")
    with python("-c", "import os, sys; os.execvp(sys.argv[1], sys.argv[1:])", *alone, script, "sh",
                sys.executable, "-m", "reproduction", *words) as process:  # fmt: skip
        output, errors = process.communicate(timeout=100)
    assert errors.splitlines() == [f"split-images: {mounted}/split.npz: {errors.split(': ')[2].strip()}"]
    assert reason in errors
    filler = ["filler"] if fill else []
    assert output.split() == ["status", "1", *filler, *filler, "split.npz"]


def test_too_little_memory(tmp_path):
    write_data(tmp_path)
    head = b"'shape': (60, 16), }" + b" " * 9
    claim = b"'shape': (6000000, 16000), }"
    with zipfile.ZipFile(tmp_path / "images.npz") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert members["images.npy"].count(head) == 1
    members["images.npy"] = members["images.npy"].replace(head, claim.ljust(len(head)))
    with zipfile.ZipFile(tmp_path / "images.npz", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    limit = "import resource, runpy, sys; import reproduction.steps.split_images; sys.argv[0] = 'reproduction';"
    limit += "resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30));"
    limit += "runpy.run_module('reproduction', run_name='__main__')"
    with python("-c", limit, *split(tmp_path, tmp_path / "new.npz")) as process:
        _, errors = process.communicate(timeout=100)
    assert process.returncode == 1
    assert errors.startswith(f"split-images: {tmp_path}/images.npz: found arrays that are too large for the memory")
    assert errors.count("\n") == 1 and not (tmp_path / "new.npz").exists()
