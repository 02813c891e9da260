rule evaluate_model:
    input:
        weights=weights_of,
        images=f"{RESULTS}/data/images.npz",
        split=f"{RESULTS}/data/split-{{replicate}}.npz",
        sample=f"{RESULTS}/data/sample-{{replicate}}.npz",
        sets=sets_of,
    output:
        predictions=f"{RESULTS}/evaluation/{{table}}/{{model}}-{{replicate}}.npz",
        recall=f"{RESULTS}/evaluation/{{table}}/recall/{{model}}-{{replicate}}.csv",
        accuracies=f"{RESULTS}/evaluation/{{table}}/{{model}}-{{replicate}}.csv",
    log:
        f"{RESULTS}/logs/evaluate_model/{{table}}/{{model}}-{{replicate}}.log",
    wildcard_constraints:
        table=of_kind("attacks"),
    conda:
        ENVIRONMENT
    resources:
        mem_mb=600,
        runtime=1,
    params:
        verb="evaluate-model",
        settings=step("evaluate_model"),
        sets=named_sets,
        code=code_digest("reproduction.steps.evaluate_model"),
    shell:
        "python -m reproduction {params.verb:q} --weights {input.weights:q} --images {input.images:q} --split {input.split:q} "
        "--sample {input.sample:q} {params.settings:q} {params.sets:q} --predictions {output.predictions:q} "
        "--recall {output.recall:q} --output {output.accuracies:q} > {log:q} 2>&1"


# Corrupted images are made in the job that uses them: stored, one replicate's sets would be larger than all other files together.
use rule evaluate_model as evaluate_corruptions with:
    input:
        raw=RAW_FILES,
        weights=weights_of,
        images=f"{RESULTS}/data/images.npz",
        split=f"{RESULTS}/data/split-{{replicate}}.npz",
        sample=f"{RESULTS}/data/sample-{{replicate}}.npz",
    log:
        f"{RESULTS}/logs/evaluate_corruptions/{{table}}/{{model}}-{{replicate}}.log",
    wildcard_constraints:
        table=of_kind("corruptions"),
    resources:
        mem_mb=600,
        runtime=5,
    params:
        verb="evaluate-corruptions",
        settings=corrupted_evaluation,
        sets=raw_flag,
        code=code_digest("reproduction.steps.evaluate_corruptions"),


rule collect_accuracies:
    input:
        [path for table in config["tables"] for path in evaluations_of(table)],
    output:
        f"{RESULTS}/evaluation/accuracies.csv",
    log:
        f"{RESULTS}/logs/collect_accuracies.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=500,
        runtime=1,
    params:
        code=code_digest("reproduction.steps.collect_tables"),
    shell:
        "python -m reproduction collect-tables --inputs {input:q} --output {output:q} > {log:q} 2>&1"


use rule collect_accuracies as collect_recall with:
    input:
        [path for table in config["tables"] for path in evaluations_of(table, "recall/{model}-{replicate}.csv")],
    output:
        f"{RESULTS}/evaluation/recall.csv",
    log:
        f"{RESULTS}/logs/collect_recall.log",


rule collect_histories:
    input:
        expand(f"{RESULTS}/models/{{models}}-{{replicates}}/history.csv", zip, **trained_models(config)),
    output:
        f"{RESULTS}/evaluation/histories.csv",
    log:
        f"{RESULTS}/logs/collect_histories.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=500,
        runtime=1,
    params:
        names=words(**trained_models(config)),
        code=code_digest("reproduction.steps.collect_tables"),
    shell:
        "python -m reproduction collect-tables --inputs {input:q} {params.names:q} "
        "--output {output:q} > {log:q} 2>&1"


rule collect_sweeps:
    output:
        f"{RESULTS}/evaluation/sweeps.csv",
    log:
        f"{RESULTS}/logs/collect_sweeps.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=500,
        runtime=1,
    params:
        sweeps=words(**swept_columns(config)),
        code=code_digest("reproduction.steps.collect_sweeps"),
    shell:
        "python -m reproduction collect-sweeps {params.sweeps:q} --output {output:q} > {log:q} 2>&1"


rule collect_confusions:
    input:
        evaluations_of("table1", "{model}-{replicate}.npz"),
    output:
        f"{RESULTS}/evaluation/confusions.csv",
    log:
        f"{RESULTS}/logs/collect_confusions.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=600,
        runtime=10,
    params:
        models=[model for model in config["tables"]["table1"]["models"] for _ in REPLICATES],
        code=code_digest("reproduction.steps.collect_confusions"),
    shell:
        "python -m reproduction collect-confusions --predictions {input:q} --models {params.models:q} --output {output:q} "
        "> {log:q} 2>&1"


rule select_weights:
    input:
        [f"{RESULTS}/models/{name}-1/weights.npz" for name in ENTROPY_MODELS],
    output:
        f"{RESULTS}/evaluation/weights.npz",
    log:
        f"{RESULTS}/logs/select_weights.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=600,
        runtime=10,
    params:
        networks=named_networks,
        code=code_digest("reproduction.steps.select_weights"),
    shell:
        "python -m reproduction select-weights --networks {params.networks:q} --count 20 --output {output:q} > {log:q} 2>&1"


rule select_examples:
    input:
        raw=RAW_FILES,
        images=f"{RESULTS}/data/images.npz",
        split=f"{RESULTS}/data/split-1.npz",
        sample=f"{RESULTS}/data/sample-1.npz",
        attack=f"{RESULTS}/attacks/{EXAMPLES['attack']}-1.npz",
        weights=f"{RESULTS}/models/{EXAMPLES['model']}-1/weights.npz",
    output:
        f"{RESULTS}/evaluation/examples.npz",
    log:
        f"{RESULTS}/logs/select_examples.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=900,
        runtime=1,
    params:
        folder=raw_folder,
        settings=step("select_examples"),
        sets=described(config["corruptions"]["sets"]),
        code=code_digest("reproduction.steps.select_examples"),
    shell:
        "python -m reproduction select-examples --raw {params.folder:q} --images {input.images:q} --split {input.split:q} "
        "--sample {input.sample:q} --attack {input.attack:q} --weights {input.weights:q} {params.settings:q} "
        "--corruptions {params.sets:q} --output {output:q} > {log:q} 2>&1"
