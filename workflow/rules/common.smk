"""What the rules share: the checked config, the names of files, and the flags of jobs."""

from glr.errors import InputError
from reproduction.config import (
    attacked_models,
    calibration_replicates,
    certified_models,
    check_config,
    corruption_sets,
    experiment_tables,
    job_settings,
    load_yaml,
    network_of,
    norms_columns,
    steps_behind_tables,
    swept_columns,
    table_kind,
    table_layout,
    trained_models,
    victims,
)
from reproduction import settings
from reproduction.figures.registry import figures_of, models_by_loss
from reproduction.settings import flags, words
from reproduction.store.authors import NETWORKS, authors_file
from reproduction.store.provenance import code_digest
from reproduction.store.raw import RAW_FILES as RAW_NAMES, content_digest, raw_file
from reproduction.verbs import VERBS

# In a module with its own config, Snakemake ignores `configfile:`. That config is then an overlay like any other.
OVERLAID = workflow.modifier.skip_configfile

try:
    for path in [*CONFIG_FILES, *([] if OVERLAID else workflow.overwrite_configfiles)]:
        load_yaml(Path(path))
    if OVERLAID:
        overlay, config = config, {}
        for file in [*map(load_yaml, CONFIG_FILES), overlay]:
            update_config(config, deepcopy(file))
    config = check_config(config, load_yaml(ROOT / "workflow/schemas/config.schema.yaml"))
except InputError as error:
    raise SystemExit(f"config: {error}") from None

RESULTS = config["results"]
RAW = f"resources/{config['dataset']['name']}"
RAW_FILES = [f"{RAW}/{name}" for name in RAW_NAMES.values()]
EXAMPLES = config["figures"]
ENTROPY_MODELS = models_by_loss(config, "table1", "cross_entropy")
FIGURES = figures_of(config)
PREDICTORS = config["predictors"]
EXPERIMENTS = config["experiments"]
ADAPTIVE = config["adaptive"]
AUTHORS_FILES = [str(authors_file(Path("resources/authors"), name)) for name in NETWORKS]
SHOWN = list(dict.fromkeys(name for table in config["tables"].values() for name in table["samples"]))
DATASET = {
    "attacks": [name for name in SHOWN if name in config["attacks"]["sets"]],
    "corruptions": [name for name in SHOWN if name not in config["attacks"]["sets"]],
}
DATASET["strengths"] = [name for name in DATASET["attacks"] if "calibrated" in config["attacks"]["sets"][name].values()]
TABLES = experiment_tables(config)
CORRUPTIONS = corruption_sets(config)
REPLICATES = range(1, config["replicates"] + 1)
CALIBRATION_REPLICATES = calibration_replicates(config)
ENVIRONMENT = str(ROOT / "envs/glr.yaml")

# No name matches this. An empty constraint would match every name.
NOTHING = "(?!)"


wildcard_constraints:
    replicate=r"(calibration)?[1-9]\d*",
    model="|".join([*config["models"], *PREDICTORS]),
    attack="|".join(config["attacks"]["sets"]),
    table="|".join(TABLES),
    figure="|".join(FIGURES),
    victim_attack="|".join(ADAPTIVE["attacks"]) or NOTHING,
    experiment="|".join(EXPERIMENTS) or NOTHING,


def step(name):
    """Return the function that gives a job of a step its settings as flags."""

    def job_flags(wildcards):
        step_settings = getattr(settings, VERBS[name.replace("_", "-")].settings)
        return flags(step_settings, job_settings(config, name, wildcards))

    return job_flags


def named(names, files):
    """Return NAME=FILE for each name and its file."""
    return [f"{name}={path}" for name, path in zip(names, files, strict=True)]


def described(names):
    """Return NAME=CORRUPTION,CONSTANTS,RESIZE for each set of corrupted images."""
    return [f"{name}={{corruption}},{{constants}},{{resize}}".format_map(CORRUPTIONS[name]) for name in names]


def corrupted_evaluation(wildcards):
    """Return the flags of an evaluation's settings and of the corrupted sets that it makes."""
    sets = words(corruptions=described(TABLES[wildcards.table]["samples"]))
    return step("evaluate_corruptions")(wildcards) + sets


def of_kind(kind):
    """Return the names of the tables of attacks or of corruptions, as alternatives of a wildcard."""
    return "|".join(table for table in TABLES if table_kind(config, table) == kind) or NOTHING


def of_method(section, method):
    """Return the names of the models or attacks of a method, as alternatives of a wildcard."""
    return "|".join(name for name, entry in section.items() if entry["method"] == method) or NOTHING


def config_text(wildcards):
    """Return the run's config as JSON; only the value of a function may contain braces."""
    return json.dumps(config, sort_keys=True)


def checksum_words():
    """Return the SHA-256 of the raw files in the order of the flag, ``any`` where the config gives none."""
    checksums = config["dataset"]["checksums"] or {}
    return [checksums.get(name) or "any" for name in RAW_NAMES]


def raw_digests():
    """Return the SHA-256 of each raw file: from the config, else from the files in ``raw_dir``, else ``any``."""
    folder = config["dataset"]["raw_dir"]
    paths = [raw_file(Path(folder), name) if folder else None for name in RAW_NAMES.values()]
    return [content_digest(path) if given == "any" and path else given for given, path in zip(checksum_words(), paths)]


def checkpoint_file(wildcards, output):
    """Return the file of a training's checkpoint, in a folder beside the models'."""
    results = Path(output.weights).parents[2]
    return str(results / f"checkpoints/{wildcards.model}-{wildcards.replicate}.npz")


def source_weights(wildcards):
    """Return the weights of the network from which an attack makes its samples."""
    source = config["attacks"]["sets"][wildcards.attack]["source"]
    return f"{RESULTS}/models/{source}-{wildcards.replicate}/weights.npz"


def strength_file(wildcards):
    """Return the file with an attack's strength, or none if the config gives a number."""
    attack = config["attacks"]["sets"][wildcards.attack]
    return [f"{RESULTS}/calibration/{wildcards.attack}.json"] if "calibrated" in attack.values() else []


# Snakemake cannot see inside parameters that are computed from input or output, so they get functions of their own.


def folder_of(wildcards, output):
    """Return the folder that a job writes its files into."""
    return os.path.dirname(output[0])


def raw_folder(wildcards, input):
    """Return the folder of the raw files, which are a job's first inputs."""
    return os.path.dirname(input[0])


def authors_folder(wildcards, input):
    """Return the folder of the authors' weight files."""
    return os.path.dirname(input.networks[0])


def named_by_kind(wildcards, input):
    """Return the flags of the files of a replicate's attacks, as NAME=FILE."""
    return words(**{kind: named(DATASET[kind], input[kind]) for kind in ("attacks", "strengths")})


def named_networks(wildcards, input):
    """Return the networks whose weights a figure shows, as NAME=FILE."""
    return named(ENTROPY_MODELS, input)


def input_words(wildcards, input):
    """Return the flags of a job's inputs by their names."""
    return words(**dict(input.items()))


def strength_flags(wildcards, input):
    """Return the flags of a calibrated strength."""
    attack = config["attacks"]["sets"][wildcards.attack]
    return words(**{name: path for name, value in attack.items() if value == "calibrated" for path in input.strength})


def calibration_inputs(wildcards):
    """Return the files of the calibration replicates: baselines, source networks, samples."""
    source = config["attacks"]["sets"][wildcards.attack]["source"]
    return {
        "weights": [f"{RESULTS}/models/{config['baseline']}-{name}/weights.npz" for name in CALIBRATION_REPLICATES],
        "sources": [f"{RESULTS}/models/{source}-{name}/weights.npz" for name in CALIBRATION_REPLICATES],
        "splits": [f"{RESULTS}/data/split-{name}.npz" for name in CALIBRATION_REPLICATES],
        "samples": [f"{RESULTS}/data/sample-{name}.npz" for name in CALIBRATION_REPLICATES],
    }


def weights_of(wildcards):
    """Return the weights of the network that a row of a table shows."""
    return f"{RESULTS}/models/{network_of(config, wildcards.model)}-{wildcards.replicate}/weights.npz"


def evaluations_of(table, name="{model}-{replicate}.csv"):
    """Return the files with a name (with {model} and {replicate}) for all models and replicates of a table."""
    models, replicates = TABLES[table]["models"], range(1, TABLES[table]["replicates"] + 1)
    return expand(f"{RESULTS}/evaluation/{table}/{name}", model=models, replicate=replicates)


def sets_of(wildcards):
    """Return the files of attacked images that a table's models are tested on."""
    return [f"{RESULTS}/attacks/{name}-{wildcards.replicate}.npz" for name in TABLES[wildcards.table]["samples"]]


def named_sets(wildcards, input):
    """Return the flag of the attacked sets that a model is tested on, as NAME=FILE."""
    return words(sets=named(TABLES[wildcards.table]["samples"], input.sets))


def raw_flag(wildcards, input):
    """Return the flag of the folder of the raw files."""
    return words(raw=raw_folder(wildcards, input))


def table_inputs(wildcards):
    """Return the files that a table is made from."""
    recall = evaluations_of(wildcards.table, "recall/{model}-{replicate}.csv")
    return {"accuracies": evaluations_of(wildcards.table), "recall": recall}


def of_table(part):
    """Return a function that looks up how a table is laid out and what the report calls it."""
    return lambda wildcards: table_layout(config, wildcards.table)[part]


def of_figure(part):
    """Return a function that looks up what the registry says of a figure."""
    return lambda wildcards: getattr(FIGURES[wildcards.figure], part)


def figure_words(wildcards):
    """Return the flags of a figure, without those of files."""
    return words(**FIGURES[wildcards.figure].settings)


def figure_code(wildcards):
    """Return the digest of the code that draws a figure, which the step imports by name."""
    return [code_digest(name) for name in ("reproduction.steps.draw_figure", FIGURES[wildcards.figure].module)]


def part_of_run(name=None):
    """Return the tables and figures of an experiment or of attacks on the networks themselves, or the run's own figures."""
    figures = [f"{RESULTS}/figures/{figure}.svg" for figure, drawn in FIGURES.items() if drawn.part.name == name]
    tables = [table for table in TABLES if name and TABLES[table]["part"] == name]
    return figures + expand(f"{RESULTS}/tables/{{table}}.{{suffix}}", table=tables, suffix=("csv", "html"))


def experiment_evaluations(wildcards):
    """Return the files of accuracies of an experiment."""
    return [path for name in TABLES if TABLES[name]["part"] == wildcards.experiment for path in evaluations_of(name)]


def source_of_victim(wildcards):
    """Return the network that makes an attack's samples, or nothing if the attack needs no other network."""
    source = ADAPTIVE["attacks"][wildcards.victim_attack].get("source")
    return f"{RESULTS}/models/{source}-{wildcards.replicate}/weights.npz" if source else []


def source_flag(wildcards, input):
    """Return the flag of the network that makes an attack's samples."""
    return words(source=input.source) if input.source else []


def victim_names():
    """Return the flags of the names of the attacks on networks themselves, and of the certificates beside them."""
    certified = attacked_models(config)
    beside = {"certified": certified["models"], "certified_replicates": certified["replicates"]}
    return words(**victims(config), **beside, variance=ADAPTIVE["variance"])


def certificates_of(models):
    """Return the files with the certificates of each network and replicate."""
    rows = zip(*models.values())
    return [f"{RESULTS}/evaluation/certificates/{model}-{replicate}.npz" for model, replicate in rows]


def victims_of():
    """Return the files that say which images withstand each attack on a network itself."""
    rows = zip(*(victims(config)[name] for name in ("attacks", "models", "replicates")))
    return [f"{RESULTS}/evaluation/victims/{attack}/{model}-{replicate}.npz" for attack, model, replicate in rows]
