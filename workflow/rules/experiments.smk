rule draw_comparison:
    input:
        tables_of,
    output:
        report(
            f"{RESULTS}/figures/{{experiment}}.svg",
            caption="../report/experiment.rst",
            category="Experiments",
            labels={"result": "{experiment}: means and intervals"},
        ),
        f"{RESULTS}/figures/{{experiment}}.png",
    log:
        f"{RESULTS}/logs/draw_figure/{{experiment}}.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=600,
        runtime=10,
    params:
        settings=["--figure", "comparison", "--baseline", config["baseline"]],
        code=code_digest("reproduction.steps.draw_figure"),
    shell:
        "python -m reproduction draw-figure {params.settings:q} --tables {input:q} --output {output:q} > {log:q} 2>&1"


use rule draw_comparison as draw_tradeoff with:
    output:
        report(
            f"{RESULTS}/figures/{{experiment}}_tradeoff.svg",
            caption="../report/experiment.rst",
            category="Experiments",
            labels={"result": "{experiment}: the trade-off"},
        ),
        f"{RESULTS}/figures/{{experiment}}_tradeoff.png",
    log:
        f"{RESULTS}/logs/draw_figure/{{experiment}}_tradeoff.log",
    params:
        settings=["--figure", "tradeoff"],
        code=code_digest("reproduction.steps.draw_figure"),


use rule draw_figure as draw_epsilon with:
    input:
        accuracies=f"{RESULTS}/evaluation/{{experiment}}.csv",
    output:
        report(
            f"{RESULTS}/figures/{{experiment}}_epsilon.svg",
            caption="../report/epsilon.rst",
            category="Experiments",
            labels={"result": "{experiment}: accuracy over epsilon"},
        ),
        f"{RESULTS}/figures/{{experiment}}_epsilon.png",
    log:
        f"{RESULTS}/logs/draw_figure/{{experiment}}_epsilon.log",
    params:
        settings=epsilon_flags,
        files=figure_files,
        code=code_digest("reproduction.steps.draw_figure"),


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
            [path.replace(".csv", ".html") for path in experiment_tables_of(experiment)],
            experiment_figures_of(experiment),
