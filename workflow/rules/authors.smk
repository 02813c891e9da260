rule fetch_authors:
    output:
        [update(path) for path in AUTHORS_FILES],
    log:
        f"{RESULTS}/logs/fetch_authors.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=500,
        runtime=10,
    params:
        settings=step("fetch_authors"),
        folder=folder_of,
        code=code_digest("reproduction.steps.fetch_authors"),
    shell:
        "python -m reproduction fetch-authors {params.settings:q} --output {params.folder:q} > {log:q} 2>&1"


rule evaluate_authors:
    input:
        raw=RAW_FILES,
        networks=AUTHORS_FILES,
    output:
        weights=f"{RESULTS}/evaluation/authors_weights.csv",
        accuracies=f"{RESULTS}/evaluation/authors_networks.csv",
    log:
        f"{RESULTS}/logs/evaluate_authors.log",
    benchmark:
        f"{RESULTS}/benchmarks/evaluate_authors.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=1500,
        runtime=20,
    params:
        raw=raw_folder,
        networks=authors_folder,
        settings=step("evaluate_authors"),
        code=code_digest("reproduction.steps.evaluate_authors"),
    shell:
        "python -m reproduction evaluate-authors --raw {params.raw:q} --networks {params.networks:q} {params.settings:q} "
        "--weights {output.weights:q} --output {output.accuracies:q} > {log:q} 2>&1"


rule tabulate_authors:
    input:
        accuracies=f"{RESULTS}/evaluation/authors_networks.csv",
        weights=f"{RESULTS}/evaluation/authors_weights.csv",
    output:
        f"{RESULTS}/tables/authors_networks.csv",
        f"{RESULTS}/tables/authors_networks.md",
        report(
            f"{RESULTS}/tables/authors_networks.html",
            caption="../report/authors.rst",
            category="Experiments",
            labels={"result": "authors_networks: the authors' own networks"},
        ),
    log:
        f"{RESULTS}/logs/tabulate_authors.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=500,
        runtime=1,
    params:
        code=code_digest("reproduction.steps.tabulate_authors"),
    shell:
        "python -m reproduction tabulate-authors --accuracies {input.accuracies:q} --weights {input.weights:q} --output {output:q} "
        "> {log:q} 2>&1"


use rule collect_histories as collect_norms with:
    input:
        [f"{RESULTS}/models/{name}-1/norms.csv" for name in norms_columns(config)["models"]],
    output:
        f"{RESULTS}/evaluation/norms.csv",
    log:
        f"{RESULTS}/logs/collect_norms.log",
    params:
        names=words(**norms_columns(config)),
        code=code_digest("reproduction.steps.collect_tables"),


rule authors_networks:
    input:
        part_of_run("authors_networks"),
        f"{RESULTS}/tables/authors_networks.html",
