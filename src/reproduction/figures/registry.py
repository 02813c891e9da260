"""The figures: names, captions, inputs and settings, and which figures a run has.

The workflow and the verb draw-figure read this; neither names a figure. Nothing that draws is imported here, so drawing
functions are named as ``module:function``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from reproduction.report.columns import (
    AUTHORS_WEIGHTS_COLUMNS,
    CELL_COLUMNS,
    CERTIFICATE_COLUMNS,
    COLUMNS,
    CONFUSION_COLUMNS,
    NORMS_COLUMNS,
    RECALL_COLUMNS,
    SWEEP_COLUMNS,
    VICTIM_COLUMNS,
)
from reproduction.report.names import label_of

TARGETS = ("attacks", "certificates")
"""Parts of a run like its experiments, with other tables."""
AUTHORS = "authors_networks"
"""What shows the authors' own networks: such a part too."""


@dataclass(frozen=True)
class Part:
    """What a figure shows of a run: the paper's tables, or an experiment, one of `TARGETS` or `AUTHORS` by its name."""

    config: Mapping[str, Any]
    name: str | None = None

    def __getitem__(self, key: str) -> Any:
        """Return what the config says under a key."""
        return self.config[key]

    @property
    def replicates(self) -> int:
        """How many replicates there are."""
        targets = {"attacks": self["adaptive"], "certificates": self["certificates"]}
        own = (self["experiments"] | targets).get(self.name, {})
        return int(own.get("replicates") or self["replicates"])


class File(NamedTuple):
    """A file that figures are drawn from: a flag of the verb, and an argument of the drawing function.

    A table reaches the function as a data frame, where there are `many` as a list of them, and arrays reach it as a
    mapping.
    """

    name: str
    help: str
    columns: Sequence[str] = ()
    """Of a table (.csv); none for arrays (.npz)."""
    arrays: Mapping[str, int] = {}
    """The arrays that have to be there, as many of each as of the first, and the dimensions of each."""
    many: bool = False
    of_run: bool = False
    """Whether there is one for all parts of a run."""


class Setting(NamedTuple):
    """A value that figures take: a flag of the verb, and an argument of the drawing function."""

    name: str
    help: str
    kind: Literal["name", "names", "counts"]


ACCURACIES = File("accuracies", "the long table of accuracies (.csv)", COLUMNS)
EXAMPLES = File("examples", "the images that are shown (.npz)")
SWEEPS = File("sweeps", "what collect-sweeps wrote (.csv)", SWEEP_COLUMNS, of_run=True)
TABLES = File("tables", "tables (.csv)", CELL_COLUMNS, many=True)

MODELS = Setting("models", "the models, one panel each", "names")
SAMPLES = Setting("samples", "the set of samples that is shown", "name")
BASELINE = Setting("baseline", "the model at whose mean a line is drawn", "name")
LAYERS = Setting("layers", "neurons of each level of the GLR networks", "counts")
ATTACKER_LAYERS = Setting("attacker_layers", "neurons of each level of the attacks' source", "counts")


class Entry(NamedTuple):
    """A figure.

    Parameters
    ----------
    draw : str
        ``module:function`` of the function that draws it from its files and settings, by their names.
    title : str
        What the report calls it.
    caption : function of Part to str
        What the report says of it, in reStructuredText.
    files : sequence of File
        What it is drawn from.
    settings : mapping of Setting to function of Part
        What it takes, and the value in a part of a run.
    there : function of Part to bool
        Whether a part of a run has it: by default the paper's tables, and nothing else.
    ending : str, optional
        What an experiment's figure adds to the experiment's name.
    table : str, optional
        ``module:function`` of the function that returns what is drawn as a Markdown table.
    """

    draw: str
    title: str
    caption: Callable[[Part], str]
    files: Sequence[File] = ()
    settings: Mapping[Setting, Callable[[Part], Any]] = {}
    there: Callable[[Part], bool] = lambda part: part.name is None
    ending: str = ""
    table: str | None = None


def models_by_loss(config: Mapping[str, Any], table: str, loss: str) -> list[str]:
    """Return the models of a table that are trained with a loss."""
    return [name for name in config["tables"][table]["models"] if config["models"][name]["loss"] == loss]


def _layers(config: Mapping[str, Any], model: str) -> list[int]:
    """Return the numbers of inputs and of neurons of a model's levels."""
    return [config["dataset"]["size"] ** 2, *config["models"][model]["hidden"], 10]


def _attack(part: Part) -> dict[str, Any]:
    """Return the settings of the attack that figures show."""
    return dict(part["attacks"]["sets"][part["figures"]["attack"]])


def _epsilons(part: Part) -> list[str]:
    """Return the attacks of an experiment that a sweep takes at several epsilons."""
    attacks = part["experiments"].get(part.name, {}).get("attacks", [])
    return [name for name in attacks if name in part["swept"] and part["swept"][name].key == "epsilon"]


def _label(name: str) -> str:
    r"""Return what a network or set of samples is called, in reStructuredText: ``GLR \|x\|``."""
    return label_of(name).replace("|", r"\|")


def _attack_words(part: Part, name: str) -> str:
    """Return from which network and with which strength an attack's samples are made."""
    attack, config = part["attacks"]["sets"][name], part.config
    symbol = "epsilon" if attack["method"] == "fgsm" else "c"
    found = f" ({config['results']}/calibration/{name}.json)" if "calibrated" in attack.values() else ""
    return f"from {_label(attack['source'])}, {symbol} {attack.get('c', attack.get('epsilon'))}{found}"


def _constants_words(part: Part) -> str:
    """Return which published constants each corruption has."""
    constants = part["corruptions"]["constants"].items()
    return "Constants: " + ", ".join(f"{_label(corruption)} {source}" for corruption, source in constants)


def _losses_caption(part: Part) -> str:
    glr = part["methods"]["glr"]
    return (
        f"Training and validation losses of {' and '.join(map(_label, part['figures']['loss_models']))}; as in the "
        f"paper, the validation set is the test set. Lines are means over n = {part.replicates} replicate(s). Bands "
        f"show the full range. Noise {glr['noise']} with variance {glr['variance']}, K = "
        f"{glr['replications']}, step size {glr['step_size']}."
    )


def _epsilon_caption(part: Part) -> str:
    return (
        "Accuracy over epsilon, the largest change of a pixel. Lines are means over "
        f"{part.replicates} replicate(s), bands are Student's 95 % intervals; n = {part['attacks']['images']} test "
        "images in each. At epsilon 0 the images are unchanged. Samples are made "
        f"{'; '.join(_attack_words(part, name) for name in _epsilons(part))}."
    )


def certificates_caption(part: Part) -> str:
    """Return what the report says of the certificates' figure and table."""
    own = part["certificates"]
    return (
        "Certified accuracy: the share of images whose most likely label under noise is right and proved to stay the "
        "same for every change of the image with an L2 norm up to the radius. Clean is the accuracy without noise. "
        f"Means over {part.replicates} replicate(s) with Student's 95 % intervals; n = "
        f"{min(own['images'], part['attacks']['images'])} test images in each, {own['draws']} draws. A certificate is "
        f"wrong with a probability of at most {own['alpha']}. Only the noise of the first level counts for the proof. "
        "Noise on later levels, as in training, adds nothing to the proof and reduces accuracy. The number of draws "
        "limits the radius; the limit grows with the noise, and the lines fall to 0 there. Noise in the figure: "
        f"{'the first level' if own['noise_levels'][0] == 'first' else 'all levels'}."
    )


FIGURES: dict[str, Entry] = {
    "figure1": Entry(
        "reproduction.figures.diagrams:neuron",
        title="a neuron with noise",
        caption=lambda part: "A neuron: the weighted sum of its inputs, plus noise, through the activation. No data.",
    ),
    "figure2": Entry(
        "reproduction.figures.diagrams:activations",
        title="sigmoid and threshold",
        caption=lambda part: "The sigmoid 1 / (1 + exp(-s v)) for several s, and its limit, the threshold. No data.",
    ),
    "figure3": Entry(
        "reproduction.figures.pictures:digits",
        title="images, raw and resized",
        caption=lambda part: (
            f"Raw images, and the same images as the networks see them: {part['dataset']['size']} x "
            f"{part['dataset']['size']} pixels by the {part['dataset']['filter']} filter; n = "
            f"{part['figures']['images']} images of replicate 1."
        ),
        files=[EXAMPLES._replace(arrays={"raw": 3, "resized": 3, "raw_labels": 1})],
    ),
    "figure4": Entry(
        "reproduction.figures.diagrams:networks",
        title="the networks",
        caption=lambda part: (
            "The networks that are compared (a), and the source network of the adversarial samples (b). No data."
        ),
        settings={
            LAYERS: lambda part: _layers(part.config, part["figures"]["model"]),
            ATTACKER_LAYERS: lambda part: _layers(part.config, _attack(part)["source"]),
        },
    ),
    "figure5": Entry(
        "reproduction.figures.curves:losses",
        title="training and validation losses",
        caption=_losses_caption,
        files=[
            File(
                "histories",
                "losses of all models and replicates (.csv)",
                ["model", "replicate", "epoch", "step", "loss_train", "accuracy_train", "loss_test", "accuracy_test"],
            )
        ],
        settings={MODELS: lambda part: part["figures"]["loss_models"]},
    ),
    "figure6": Entry(
        "reproduction.figures.pictures:adversarial_pairs",
        title="adversarial samples",
        caption=lambda part: (
            f"Test images and their {_label(part['figures']['attack'])} samples, with the labels that "
            f"{_label(part['figures']['model'])} predicts. Wrong labels are in colour; n = "
            f"{part['figures']['images']} images of replicate 1. The samples are made "
            f"{_attack_words(part, part['figures']['attack'])}."
        ),
        files=[
            EXAMPLES._replace(
                arrays={
                    "originals": 3,
                    "original_predictions": 1,
                    "attacked": 3,
                    "attacked_predictions": 1,
                    "attacked_labels": 1,
                }
            )
        ],
        settings={SAMPLES: lambda part: part["figures"]["attack"]},
    ),
    "figure7": Entry(
        "reproduction.figures.pictures:severities",
        title="corruptions by severity",
        caption=lambda part: (
            f"One test image (n = 1, replicate 1) under each corruption at five severities. {_constants_words(part)}."
        ),
        files=[EXAMPLES._replace(arrays={"corrupted_original": 2})],
    ),
    "figure8": Entry(
        "reproduction.figures.cells:recall_by_class",
        title="recall of each class",
        caption=lambda part: (
            f"Recall of each class on unchanged images, one row per replicate, n = {part.replicates} replicate(s). A "
            "cross marks a label that is never predicted. Not in the paper."
        ),
        files=[File("recall", "the recall of each class (.csv)", RECALL_COLUMNS)],
        settings={MODELS: lambda part: models_by_loss(part.config, "table2", "zero_one")},
        there=lambda part: part.name is None and bool(models_by_loss(part.config, "table2", "zero_one")),
    ),
    "comparison": Entry(
        "reproduction.figures.cells:comparison",
        title="means, intervals and the paper's numbers",
        caption=lambda part: (
            f"Means with Student's 95 % intervals over n = {part.replicates} replicate(s). The dashed line is the "
            f"baseline {_label(part['baseline'])}; crosses below our means are the paper's numbers, if it has any."
        ),
        files=[TABLES],
        settings={BASELINE: lambda part: part["baseline"]},
        there=lambda part: part.name not in (*TARGETS, AUTHORS),
    ),
    "tradeoff": Entry(
        "reproduction.figures.cells:tradeoff",
        title="clean accuracy and robustness",
        caption=lambda part: (
            "Clean accuracy against robustness, with Student's 95 % intervals over n = "
            f"{part.replicates} replicate(s). Average is the mean over the corruptions. Models that differ by the "
            "value of one setting share a colour and are joined by a line."
        ),
        files=[TABLES, SWEEPS],
        there=lambda part: part.name not in (*TARGETS, AUTHORS),
        ending="_tradeoff",
    ),
    "severity": Entry(
        "reproduction.figures.curves:accuracy_by_severity",
        title="accuracy over severity",
        caption=lambda part: (
            f"Accuracy over the five severities; bars are 95 % intervals over n = {part.replicates} replicate(s). "
            f"{_constants_words(part)}; images are resized "
            f"{part['corruptions']['resize']} the corruption."
        ),
        files=[ACCURACIES],
        there=lambda part: (
            part.name is None and set(part["tables"]["table2"]["samples"]) <= set(part["corruptions"]["sets"])
        ),
    ),
    "weights": Entry(
        "reproduction.figures.pictures:first_weights",
        title="weights of the first level",
        caption=lambda part: (
            "Weights of the first level as images, one per neuron, for the first n = 20 neurons of replicate 1. Each "
            "model has its own scale."
        ),
        files=[File("weights", "what select-weights wrote (.npz)")],
        there=lambda part: part.name is None and bool(models_by_loss(part.config, "table1", "cross_entropy")),
    ),
    "confusion": Entry(
        "reproduction.figures.cells:confusion_matrices",
        title="confusion matrices",
        caption=lambda part: (
            f"Confusion matrices under {_label(part['figures']['attack'])}, summed over n = {part.replicates} "
            f"replicate(s) of {part['attacks']['images']} images. The colours follow the square root of the share."
        ),
        files=[File("confusions", "what collect-confusions wrote (.csv)", CONFUSION_COLUMNS)],
        settings={SAMPLES: lambda part: part["figures"]["attack"]},
        there=lambda part: part.name is None and part["figures"]["attack"] in part["tables"]["table1"]["samples"],
    ),
    "epsilon": Entry(
        "reproduction.figures.curves:accuracy_by_epsilon",
        title="accuracy over epsilon",
        caption=_epsilon_caption,
        files=[ACCURACIES, SWEEPS],
        there=lambda part: bool(_epsilons(part)),
        ending="_epsilon",
    ),
    "robustness": Entry(
        "reproduction.figures.curves:robustness",
        title="certified accuracy, and accuracy under attack",
        caption=lambda part: (
            "Accuracy over the L2 norm of an image's change. Certified: the accuracy that is proved for predictions "
            f"with Gaussian noise of variance {part['adaptive']['variance']:g} on the first level. All attacks: the "
            "images that withstand every attack on the network itself and the samples of the source network. FGSM of "
            "the source: the images that withstand these samples. The attacked networks predict as in Table I, so the "
            "certificates are about another way to predict. Lines are means over "
            f"{part.replicates} replicate(s), bands Student's 95 % intervals; n = "
            f"{min(part['adaptive']['images'], part['attacks']['images'])} test images in each."
        ),
        files=[ACCURACIES._replace(columns=VICTIM_COLUMNS)],
        there=lambda part: part.name == "attacks",
        table="reproduction.figures.curves:robustness_table",
    ),
    "norms": Entry(
        "reproduction.figures.curves:norms",
        title="norms of our weights during training, and of the authors' weights",
        caption=lambda part: (
            "Frobenius norms of the weights, including biases, at each epoch of our trainings (replicate 1), for both "
            "batch reductions and both distributions of the initial weights. Dashed lines are the norms of the "
            "authors' own networks."
        ),
        files=[
            File("norms", "norms of the weights of all models (.csv)", NORMS_COLUMNS, of_run=True),
            File("authors_weights", "sizes of the authors' weights (.csv)", AUTHORS_WEIGHTS_COLUMNS, of_run=True),
        ],
        there=lambda part: part.name == AUTHORS and bool(part["authors"].get("models")),
        table="reproduction.figures.curves:norms_table",
    ),
    "certificates": Entry(
        "reproduction.figures.curves:certified_accuracy",
        title="certified accuracy over the radius",
        caption=certificates_caption,
        files=[ACCURACIES._replace(columns=CERTIFICATE_COLUMNS)],
        there=lambda part: part.name == "certificates",
    ),
}
"""The figures, by name."""


class Drawn(NamedTuple):
    """A figure of a part of a run."""

    figure: str
    part: Part

    @property
    def entry(self) -> Entry:
        """What the registry says of the figure."""
        return FIGURES[self.figure]

    @property
    def inputs(self) -> dict[str, str | list[str]]:
        """The files that it is drawn from, by flag: those of another run where the config names one."""
        config, name = self.part.config, self.part.name
        evaluation = f"{config['results']}/evaluation"
        tables = f"{config['results']}/tables"
        if name is None and config["figures"]["data"]:
            evaluation = config["figures"]["data"]
            tables = f"{evaluation.rpartition('/')[0]}/tables"
        found: dict[str, str | list[str]] = {}
        for file in self.entry.files:
            if file.many:
                found[file.name] = [f"{tables}/{table}.csv" for table in self._tables()]
            else:
                own = None if file.of_run else name
                found[file.name] = f"{evaluation}/{own or file.name}.{'csv' if file.columns else 'npz'}"
        return found

    def _tables(self) -> list[str]:
        """Return the names of the tables of its part of the run."""
        if self.part.name is None:
            return list(self.part["tables"])
        experiment = self.part["experiments"][self.part.name]
        return [f"{self.part.name}_{kind}" for kind in ("attacks", "corruptions") if experiment[kind]]

    @property
    def settings(self) -> dict[str, Any]:
        """The flags of the verb draw-figure, without those of files."""
        return {
            "figure": self.figure,
            **{setting.name: value(self.part) for setting, value in self.entry.settings.items()},
        }

    @property
    def module(self) -> str:
        """The module that draws it."""
        return self.entry.draw.partition(":")[0]

    @property
    def caption(self) -> str:
        """What the report says of it."""
        return f"{self.part.name}: {self.entry.caption(self.part)}" if self.part.name else self.entry.caption(self.part)

    @property
    def category(self) -> str:
        """The report's category that it is in."""
        return "Experiments" if self.part.name else "Figures"

    @property
    def labels(self) -> dict[str, str]:
        """What the report calls it."""
        return {"result" if self.part.name else "figure": f"{self.part.name or self.figure}: {self.entry.title}"}


def figures_of(config: Mapping[str, Any]) -> dict[str, Drawn]:
    """Return all figures that a run can draw, by the name of their files.

    Parameters
    ----------
    config : mapping
        A valid config.
    """
    parts = [Part(config, name) for name in (None, *config["experiments"], *TARGETS, AUTHORS)]
    return {
        f"{part.name}{entry.ending}" if part.name else figure: Drawn(figure, part)
        for part in parts
        for figure, entry in FIGURES.items()
        if entry.there(part)
    }
