use rule collect_accuracies as collect_experiment with:
    input:
        experiment_evaluations,
    output:
        f"{RESULTS}/evaluation/{{experiment}}.csv",
    log:
        f"{RESULTS}/logs/collect_experiment/{{experiment}}.log",


for experiment in EXPERIMENTS:

    rule:
        name:
            experiment
        input:
            part_of_run(experiment),
            f"{RESULTS}/evaluation/{experiment}.csv",
