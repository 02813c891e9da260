rule draw_cells:
    input:
        cells_of,
    output:
        report(
            f"{RESULTS}/figures/{{experiment}}.svg",
            caption="../report/experiment.rst",
            category="Experiments",
            labels={"experiment": "{experiment}"},
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


use rule collect_accuracies as collect_experiment with:
    input:
        experiment_accuracies,
    output:
        f"{RESULTS}/evaluation/{{experiment}}.csv",
    log:
        f"{RESULTS}/logs/collect_experiment/{{experiment}}.log",


for experiment in EXPERIMENTS:

    rule:
        name:
            experiment
        input:
            experiment_tables_of(experiment),
            f"{RESULTS}/evaluation/{experiment}.csv",
            f"{RESULTS}/figures/{experiment}.svg",
