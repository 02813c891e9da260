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
    resources:
        mem_mb=500,
        runtime=1,
    params:
        settings=figure_flags,
        files=figure_files,
        code=code_digest("reproduction.steps.draw_figure"),
    shell:
        "python -m reproduction draw-figure {params.settings:q} {params.files:q} --output {output:q} > {log:q} 2>&1"


rule figures:
    input:
        expand(f"{RESULTS}/figures/{{figure}}.svg", figure=FIGURES),


for figure in FIGURES:

    rule:
        name:
            figure
        input:
            f"{RESULTS}/figures/{figure}.svg",
