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
            figures_of_part(experiment),
