"""The verb draw-figure: the same bytes, whatever surrounds it, and one sentence for what is missing."""

import io

import matplotlib
import pytest
from PIL import Image

from drawings import EXAMPLES, INPUTS, draw, histories, victims
from reproduction.__main__ import main
from reproduction.figures.curves import robustness_table
from reproduction.figures.registry import FIGURES
from reproduction.figures.style import render
from reproduction.store.files import write_arrays, write_table

GIVEN = [
    (name, given.name) for name, entry in FIGURES.items() for given in [*entry.files, *entry.settings]
]  # fmt: skip


def flags_of(name: str, folder, without: str = "") -> list[str]:
    """Write the files of a figure, and return its flags, one of them left out."""
    words = ["draw-figure", "--figure", name]
    inputs = INPUTS.get(name, {})
    for file in FIGURES[name].files:
        contents = inputs[file.name] if file.many else [inputs[file.name]]
        paths = [folder / f"{file.name}{index}.{'csv' if file.columns else 'npz'}" for index in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            if file.columns:
                write_table(path, content)
            else:
                write_arrays(path, **content)
        words += [f"--{file.name.replace('_', '-')}", *map(str, paths)] if file.name != without else []
    for setting in FIGURES[name].settings:
        value = inputs[setting.name]
        values = [value] if setting.kind == "name" else value
        words += [f"--{setting.name.replace('_', '-')}", *map(str, values)] if setting.name != without else []
    return words


@pytest.mark.parametrize("name", FIGURES)
def test_two_draws_give_the_same_bytes_whatever_the_settings_and_the_other_outputs(tmp_path, name: str) -> None:
    outputs = [tmp_path / f"{name}.png", tmp_path / f"{name}.svg"]
    words = flags_of(name, tmp_path)
    before_drawing = set(tmp_path.iterdir())
    settings = {
        "svg.hashsalt": "mine",
        "svg.fonttype": "none",
        "savefig.dpi": 50,
        "savefig.bbox": "tight",
        "font.size": 20,
        "font.family": "serif",
        "lines.linewidth": 9,
        "image.cmap": "jet",
        "axes.grid": True,
    }
    with matplotlib.rc_context(settings):
        before = dict(matplotlib.rcParams)
        main([*words, "--output", *map(str, outputs)])
        assert dict(matplotlib.rcParams) == before
    for output in outputs:
        assert output.read_bytes() == render(draw(name), output.suffix)
    assert set(tmp_path.iterdir()) == before_drawing | set(outputs)

    svg = outputs[1].read_text()
    assert "<dc:date>" not in svg
    assert "<text" not in svg
    with Image.open(io.BytesIO(outputs[0].read_bytes())) as picture:
        assert "Software" not in picture.info
        assert picture.width == pytest.approx(300 * draw(name).get_figwidth(), abs=1)


def test_what_is_drawn_is_written_as_a_table_where_there_is_one(tmp_path) -> None:
    main([*flags_of("robustness", tmp_path), "--output", str(tmp_path / "a.svg"), str(tmp_path / "a.md")])
    assert (tmp_path / "a.md").read_text(encoding="utf-8") == robustness_table(victims())
    with pytest.raises(SystemExit, match=r"a\.md: found the suffix '\.md', but \.svg or \.png is needed\.$"):
        main(["draw-figure", "--figure", "figure1", "--output", str(tmp_path / "a.md")])


@pytest.mark.parametrize(("name", "given"), GIVEN)
def test_a_missing_input_is_refused_and_nothing_is_written(tmp_path, name: str, given: str) -> None:
    words = flags_of(name, tmp_path, without=given)
    flag = f"--{given.replace('_', '-')}"
    with pytest.raises(SystemExit, match=rf"^draw-figure: {flag}: found nothing, but {name} needs it\.$"):
        main([*words, "--output", str(tmp_path / "out.svg")])
    assert not (tmp_path / "out.svg").exists()


def test_another_format_is_refused_before_anything_is_written(tmp_path) -> None:
    with pytest.raises(SystemExit, match=r"a\.pdf: found the suffix '\.pdf', but \.svg or \.png is needed\.$"):
        main(["draw-figure", "--figure", "figure1", "--output", str(tmp_path / "a.svg"), str(tmp_path / "a.pdf")])
    assert not (tmp_path / "a.svg").exists()


def test_incomplete_files_are_refused(tmp_path) -> None:
    words = {name: [*flags_of(name, tmp_path), "--output", str(tmp_path / "a.svg")] for name in ("figure3", "figure5")}
    write_arrays(tmp_path / "examples0.npz", raw=EXAMPLES["raw"])
    with pytest.raises(SystemExit, match="resized, raw_labels is needed"):
        main(words["figure3"])
    write_table(tmp_path / "histories0.csv", histories().drop(columns="epoch"))
    with pytest.raises(SystemExit, match=r"histories0\.csv: found the columns model, replicate, step"):
        main(words["figure5"])
