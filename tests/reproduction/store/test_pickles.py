"""Networks in pickles of the authors' form; a pickle that would run code is refused before it does."""

import os
import pickle
import sys
from itertools import pairwise
from types import ModuleType

import numpy as np
import pytest

from glr.errors import InputError
from reproduction.store.pickles import read_network

SIZES = (4, 3, 2)
ACTIVATIONS = ("threshold", "identity")


class Storage:
    """Is pickled as torch pickles a storage in the authors' files: a call with a list of floats."""

    def __init__(self, values):
        self.values = values

    def __reduce__(self):
        return sys.modules["torch"].FloatStorage, (self.values,)


class Tensor:
    """Is pickled as torch pickles a tensor of rows."""

    def __init__(self, array, offset=0, strides=None):
        self.array, self.offset = array, offset
        self.strides = strides or tuple(stride // array.itemsize for stride in array.strides)

    def __reduce__(self):
        storage = Storage(self.array.ravel().tolist())
        rest = (self.offset, self.array.shape, self.strides, True, None)
        return sys.modules["torch._utils"]._rebuild_tensor_v2, (storage, *rest)


@pytest.fixture
def torch(monkeypatch):
    """Put empty modules with the two names in the place of torch."""
    for module, name in (("torch", "FloatStorage"), ("torch._utils", "_rebuild_tensor_v2")):
        stand_in = ModuleType(module)
        function = type(name, (), {"__module__": module, "__qualname__": name})
        setattr(stand_in, name, function)
        monkeypatch.setitem(sys.modules, module, stand_in)


def write(path, content):
    # NumPy 2 calls its module numpy._core; the authors' NumPy called it numpy.core.
    path.write_bytes(pickle.dumps(content, protocol=3).replace(b"numpy._core", b"numpy.core"))
    return path


def levels(seed=0):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(1 + n_in, n_out)) for n_in, n_out in pairwise(SIZES)]


def as_arrays(weights):
    return {f"layer{level}_weights": array for level, array in enumerate(weights, start=1)}


def as_tensors(weights):
    content = {}
    for level, array in enumerate(weights, start=1):
        content[f"fc{level}.weight"] = Tensor(np.ascontiguousarray(array[1:].T))
        content[f"fc{level}.bias"] = Tensor(array[0].copy())
    return content


@pytest.mark.parametrize("layout", ["C", "F"])
def test_arrays_are_read_with_the_bias_in_row_0(tmp_path, layout):
    weights = [np.asarray(array, order=layout) for array in levels()]
    network = read_network(write(tmp_path / "net.pkl", as_arrays(weights)), SIZES, ACTIVATIONS)
    assert network.activations == ACTIVATIONS
    for found, expected in zip(network.weights, weights, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_arrays_of_python_2_whose_bytes_are_text_are_read(tmp_path):
    data = as_arrays(levels())
    pieces = [b"\x80\x02}("]
    for name, array in data.items():
        raw = array.tobytes()
        pieces += [
            b"U" + bytes([len(name)]) + name.encode(),
            b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R",
            b"(K\x01K" + bytes([array.shape[0]]) + b"K" + bytes([array.shape[1]]) + b"\x86",
            b"cnumpy\ndtype\nU\x02f8K\x00K\x01\x87R(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb",
            b"\x89T" + len(raw).to_bytes(4, "little") + raw + b"tb",
        ]
    path = tmp_path / "net.pkl"
    path.write_bytes(b"".join([*pieces, b"u."]))
    for found, expected in zip(read_network(path, SIZES, ACTIVATIONS).weights, data.values(), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_tensors_are_read_without_torch(tmp_path, torch):
    path = write(tmp_path / "net.pkl", as_tensors(levels()))
    for module in ("torch", "torch._utils"):
        del sys.modules[module]
    for found, expected in zip(read_network(path, SIZES, ACTIVATIONS).weights, levels(), strict=True):
        np.testing.assert_array_equal(found, expected)


class Mischief:
    """Makes a folder when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_a_pickle_that_would_run_code_is_refused_and_runs_none(tmp_path):
    path = write(tmp_path / "net.pkl", as_arrays(levels()) | {"more": Mischief(tmp_path / "made")})
    with pytest.raises(
        InputError, match=r"net\.pkl: .*names posix\.mkdir, but allowed are numpy\.core\.multiarray\._rec"
    ):
        read_network(path, SIZES, ACTIVATIONS)
    assert not (tmp_path / "made").exists()
    pickle.loads(path.read_bytes())
    assert (tmp_path / "made").exists(), "the pickle of this test is harmless"


@pytest.mark.parametrize("name", ["builtins\neval", "numpy\nload", "numpy.core.multiarray\nscalar", "torch\nload"])
def test_other_names_are_refused_even_of_the_same_packages(tmp_path, name):
    path = tmp_path / "net.pkl"
    path.write_bytes(b"c" + name.encode() + b"\n.")
    with pytest.raises(InputError, match="it names " + name.replace("\n", r"\.")):
        read_network(path, SIZES, ACTIVATIONS)


def test_a_file_cut_off_anywhere_is_refused_in_one_sentence(tmp_path):
    whole = write(tmp_path / "net.pkl", as_arrays(levels())).read_bytes()
    for length in range(len(whole)):
        (tmp_path / "net.pkl").write_bytes(whole[:length])
        with pytest.raises(InputError, match=r"net\.pkl: found no complete pickle"):
            read_network(tmp_path / "net.pkl", SIZES, ACTIVATIONS)


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        as_arrays(levels()[:1]),
        as_arrays([*levels(), levels()[1]]),
        as_arrays(array.T for array in levels()),
        {"W1": levels()[0], "W2": levels()[1]},
        as_arrays(array.astype(int) for array in levels()),
        as_arrays(array.astype(object) for array in levels()),
        as_arrays(array.tolist() for array in levels()),
        as_arrays(array * np.nan for array in levels()),
    ],
    ids=["list", "empty", "level missing", "level more", "transposed", "keys", "integers", "objects", "lists", "nan"],
)
def test_what_is_no_such_network_is_refused(tmp_path, content):
    with pytest.raises(InputError, match=r"net\.pkl: found .*needed|net\.pkl: found no complete pickle"):
        read_network(write(tmp_path / "net.pkl", content), SIZES, ACTIVATIONS)


@pytest.mark.parametrize("change", [{"offset": 1}, {"strides": (1, 3)}, {"strides": (10**6, 1)}])
def test_tensors_that_reach_beyond_their_storage_are_refused(tmp_path, torch, change):
    content = as_tensors(levels())
    content["fc1.weight"] = Tensor(content["fc1.weight"].array, **change)
    with pytest.raises(InputError, match="a tensor with offset"):
        read_network(write(tmp_path / "net.pkl", content), SIZES, ACTIVATIONS)
