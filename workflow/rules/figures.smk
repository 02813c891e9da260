FIGURE_TITLES = {
    "figure1": "a neuron with noise",
    "figure2": "sigmoid and threshold",
    "figure3": "digits, raw and resized",
    "figure4": "the networks",
    "figure5": "losses by epoch",
    "figure6": "adversarial samples",
    "figure7": "corruptions by severity",
    "figure8": "recall of each class",
}


def figure_labels(wildcards):
    """Return what the report calls a figure."""
    return {"figure": f"{wildcards.figure}: {FIGURE_TITLES[wildcards.figure]}"}


rule draw_figure:
    input:
        unpack(figure_inputs),
    output:
        report(
            f"{RESULTS}/figures/{{figure}}.svg",
            caption="../report/figure.rst",
            category="Figures",
            labels=figure_labels,
        ),
        f"{RESULTS}/figures/{{figure}}.png",
    log:
        f"{RESULTS}/logs/draw_figure/{{figure}}.log",
    conda:
        ENVIRONMENT
    params:
        settings=figure_flags,
        code=code_digest("glr.commands.draw_figure"),
    shell:
        "python -m glr draw-figure {params.settings:q} --output {output:q} > {log:q} 2>&1"


rule figures:
    input:
        expand(f"{RESULTS}/figures/{{figure}}.svg", figure=FIGURES),


for figure in FIGURES:

    rule:
        name:
            figure
        input:
            f"{RESULTS}/figures/{figure}.svg",
