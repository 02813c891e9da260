rule draw_cells:
    input:
        cells_of,
    output:
        report(
            f"{RESULTS}/figures/{{experiment}}.svg",
            caption="../report/experiment.rst",
            category="Experiments",
            labels={"table": "{experiment}: means and intervals"},
        ),
        f"{RESULTS}/figures/{{experiment}}.png",
    log:
        f"{RESULTS}/logs/draw_figure/{{experiment}}.log",
    conda:
        ENVIRONMENT
    params:
        baseline=config["baseline"],
        code=code_digest("glr.commands.draw_figure"),
    shell:
        "python -m glr draw-figure --figure cells --cells {input:q} --baseline {params.baseline:q} --output {output:q} > {log:q} 2>&1"


for experiment in EXPERIMENTS:

    rule:
        name:
            experiment
        input:
            experiment_tables_of(experiment),
            [path.replace(".csv", ".html") for path in experiment_tables_of(experiment)],
            f"{RESULTS}/figures/{experiment}.svg",
