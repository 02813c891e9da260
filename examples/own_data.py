"""Run the whole experiment on your own images: here on the 1,797 digits of scikit-learn, of 8 x 8 pixels.

It needs scikit-learn (`pip install scikit-learn`). It writes four files in MNIST's format and an overlay of the config
into `resources/digits`, and prints the command to run in the clone. The command makes the two tables and the figures
for your images in `results/digits`:

    snakemake --cores 2 --configfile resources/digits/digits.yaml
"""

import struct
from pathlib import Path

from sklearn.datasets import load_digits

folder = Path("resources/digits")
folder.mkdir(parents=True, exist_ok=True)
data = load_digits()
images, labels = (data.images * (255 / 16)).astype("uint8"), data.target.astype("uint8")
for part, rows in {"train": slice(0, 1500), "t10k": slice(1500, None)}.items():
    for name, array in {"images": images[rows], "labels": labels[rows]}.items():
        header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
        (folder / f"{part}-{name}-idx{array.ndim}-ubyte").write_bytes(header + array.tobytes())
(folder / "digits.yaml").write_text(f"""\
results: results/digits
replicates: 2
dataset: {{name: digits, raw_dir: {folder.resolve()}, checksums: null, images: 1790, size: 8}}
attacks: {{images: 500, sets: {{lbfgs: {{c: 2.0}}}}}}
calibration: {{images: 500}}
corruptions: {{images: 500}}
""")
print(f"snakemake --cores 2 --configfile {folder / 'digits.yaml'}")
