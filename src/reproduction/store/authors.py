"""The authors' own networks: the weight files of their first upload, of January 2019, by digest.

The upload states no licence, so the files are fetched and never kept in this project.
"""

from pathlib import Path
from typing import NamedTuple

from glr.errors import InputError
from glr.network import Network
from reproduction.store.pickles import read_network
from reproduction.store.raw import sha256

UPLOAD = "https://raw.githubusercontent.com/LX-doctorAI1/GLR_ADV/ccefe8f22f852741e702c2f561eb93ddb4066cb6/"
"""Where the upload's files lie, at a commit that still has what it had in January 2019."""


class AuthorsFile(NamedTuple):
    """A weight file of the authors, and what it does not say of its network."""

    path: str
    """In their repository."""
    sha256: str
    sizes: tuple[int, ...]
    activations: tuple[str, ...]

    @property
    def short(self) -> str:
        """Its name in a folder that holds nothing but these files: its own, behind that of its folder."""
        folder, name = Path(self.path).parts[-2:]
        return f"{FOLDERS.get(folder, folder)}-{name}"


FOLDERS = {"Generate_adversarial_samples": "source"}

NETWORKS = {
    "authors_bp": AuthorsFile(
        "Training_by_GLR_and_BP/BP/weights_acc=0.96.pkl",
        "3e9e587566080f6791071fed11f18bea3888c4eaf1a9790510eb4ce537468338",
        (196, 20, 10),
        ("relu", "relu"),
    ),
    "authors_threshold": AuthorsFile(
        "Test_with_adversarial_samples/GLR/Threshold/weights.pkl",
        "91c5a19603eb3bcba378be1cff3602c17d3e0c43c4be5330ef4736d788dac412",
        (196, 20, 10),
        ("threshold", "identity"),
    ),
    "authors_threshold_01": AuthorsFile(
        "Test_with_adversarial_samples/GLR/Threshold_with_0-1_Loss/weights.pkl",
        "e0ee8498421b29564d74df3f924901505f5f40b0d1ee786450cb8ba00569803b",
        (196, 20, 10),
        ("threshold", "identity"),
    ),
    "authors_source": AuthorsFile(
        "Generate_adversarial_samples/weights_accuracy=0.95.pkl",
        "1ceb7ca91d89a9768b6d03e8d38883b6158dc5d378a7d5c11b1a610fcafea34e",
        (196, 300, 100, 10),
        ("relu", "relu", "identity"),
    ),
}
"""By the name that tables give them. The BP network's output level has the ReLU too."""


def authors_file(folder: Path, name: str) -> Path:
    """Return a network's file as ``fetch-authors`` names it."""
    return folder / f"{name}.pkl"


def find_authors_file(folder: Path, name: str) -> Path | None:
    """Return a network's file in a clone of the upload, or in a folder of just these files; None if there is none."""
    file = NETWORKS[name]
    return next((path for path in (folder / file.path, folder / file.short) if path.is_file()), None)


def check_authors_file(path: Path, name: str) -> None:
    """Refuse a file that is not the authors' own with an `InputError`."""
    if (found := sha256(path)) != (needed := NETWORKS[name].sha256):
        raise InputError(f"{path}: found the SHA-256 {found}, but the authors' file has {needed}.")


def read_authors(folder: Path) -> dict[str, Network]:
    """Read the authors' networks from what ``fetch-authors`` wrote.

    Parameters
    ----------
    folder : Path
        Where the files are.

    Returns
    -------
    dict of str to Network
        By the names in `NETWORKS`.

    Raises
    ------
    InputError
        If a file is not the authors' own.
    """
    networks = {}
    for name, file in NETWORKS.items():
        path = authors_file(folder, name)
        check_authors_file(path, name)
        networks[name] = read_network(path, file.sizes, file.activations)
    return networks
