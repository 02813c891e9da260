"""Figures of images: each pixel is the data's, and what stands beside an image belongs to it."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from drawings import CORRUPTED, EXAMPLES, WEIGHTS, M, draw
from glr.errors import InputError
from reproduction.figures.pictures import first_weights, severities
from reproduction.figures.style import VERMILLION


def images_of(figure: Figure) -> list[np.ndarray]:
    return [np.asarray(axes.images[0].get_array()) for axes in figure.axes]


def heads_of(figure: Figure) -> list[str]:
    return [axes.texts[-1].get_text() for axes in figure.axes if axes.texts]


def test_figure3_shows_both_sizes_under_their_labels() -> None:
    figure = draw("figure3")
    for shown, image in zip(images_of(figure), [*EXAMPLES["raw"], *EXAMPLES["resized"]], strict=True):
        np.testing.assert_allclose(shown, image / 255)
    assert heads_of(figure) == ["7", "2", "1", "0"]
    assert [axes.get_ylabel() for axes in figure.axes[::M]] == ["28 × 28", "14 × 14"]
    assert all(axes.images[0].get_clim() == (0, 1) for axes in figure.axes)


def test_figure6_shows_pairs_and_marks_wrong_predictions() -> None:
    figure = draw("figure6")
    for shown, image in zip(images_of(figure), [*EXAMPLES["originals"], *EXAMPLES["attacked"]], strict=True):
        np.testing.assert_array_equal(shown, image)
    assert heads_of(figure) == ["7", "2", "1", "8", "3", "2", "9", "0"]
    assert [axes.get_ylabel() for axes in figure.axes[::M]] == ["Original", "FGSM"]
    other = draw("figure6", samples="lbfgs_least_likely")
    assert other.axes[M].get_ylabel() == "L-BFGS\n(least\nlikely\nlabel)"
    colours = [axes.texts[-1].get_color() for axes in figure.axes]
    assert [colour == VERMILLION for colour in colours] == [False, False, False, True, True, False, True, False]


def test_figure7_shows_the_original_and_five_severities_of_each_corruption() -> None:
    figure = draw("figure7")
    expected = [image for images in CORRUPTED.values() for image in (EXAMPLES["corrupted_original"], *images)]
    for shown, image in zip(images_of(figure), expected, strict=True):
        np.testing.assert_array_equal(shown, image)
    assert heads_of(figure) == ["original", "1", "2", "3", "4", "5"]
    assert [axes.get_ylabel() for axes in figure.axes[::6]] == ["Gaussian\nnoise", "Contrast"]


def test_weights_are_shown_on_a_symmetric_scale_for_each_model() -> None:
    panels = draw("weights").axes
    for panel, images in zip(panels, WEIGHTS.values(), strict=False):
        scale = np.quantile(np.abs(images), 0.99)
        assert panel.get_title().endswith(f"(scale {scale:.2g})")
        assert panel.images[0].get_clim() == (-1, 1)
        mosaic = np.asarray(panel.images[0].get_array().filled(np.nan))
        for place, image in enumerate(images):
            top, left = (1 + 5 * index for index in divmod(place, 10))
            np.testing.assert_allclose(mosaic[top : top + 4, left : left + 4] * scale, image)
        assert np.isfinite(mosaic).sum() == images.size
    first_weights({"diverged": np.full((2, 4, 4), np.nan)})


def test_figure7_refuses_examples_without_corruptions() -> None:
    with pytest.raises(InputError, match=r"^examples: found no images of 5 severities named corrupted_"):
        severities({"corrupted_original": EXAMPLES["corrupted_original"], "corrupted_label": np.uint8(5)})
