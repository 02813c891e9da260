rule make_table:
    input:
        unpack(table_inputs),
    output:
        f"{RESULTS}/tables/{{table}}.csv",
        f"{RESULTS}/tables/{{table}}.md",
        f"{RESULTS}/tables/{{table}}.tex",
        f"{RESULTS}/tables/{{table}}_gains.csv",
        report(
            f"{RESULTS}/tables/{{table}}.html",
            caption="../report/table.rst",
            category=of_table("category"),
            labels=of_table("labels"),
        ),
    log:
        f"{RESULTS}/logs/make_table/{{table}}.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=500,
        runtime=1,
    params:
        settings=of_table("settings"),
        code=code_digest("reproduction.steps.make_table"),
    shell:
        "python -m reproduction make-table --accuracies {input.accuracies:q} --recall {input.recall:q} {params.settings:q} --output {output:q} > {log:q} 2>&1"


rule write_manifest:
    input:
        raw=RAW_FILES,
        tables=expand(f"{RESULTS}/tables/{{table}}.csv", table=config["tables"]),
    output:
        report(
            f"{RESULTS}/manifest.json",
            caption="../report/manifest.rst",
            category="Run",
            labels={"file": "manifest.json: config, code, versions"},
        ),
    log:
        f"{RESULTS}/logs/write_manifest.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=500,
        runtime=1,
    params:
        config=config_text,
        code=code_digest("reproduction.steps.write_manifest"),
        digests=[f"{name}={code_digest(f'reproduction.steps.{name}')}" for name in steps_behind_tables(config)],
    shell:
        "python -m reproduction write-manifest --config {params.config:q} --raw {input.raw:q} --digests {params.digests:q} "
        "--output {output:q} > {log:q} 2>&1"


rule tables:
    input:
        expand(f"{RESULTS}/tables/{{table}}.{{suffix}}", table=config["tables"], suffix=("csv", "html")),
        f"{RESULTS}/evaluation/accuracies.csv",


for table in config["tables"]:

    rule:
        name:
            table
        input:
            expand(f"{RESULTS}/tables/{table}.{{suffix}}", suffix=("csv", "html")),


rule verify:
    input:
        accuracies=f"{RESULTS}/evaluation/accuracies.csv",
        reference=str(ROOT / "results/reference/default/evaluation/accuracies.csv"),
    output:
        f"{RESULTS}/verify.csv",
    log:
        f"{RESULTS}/logs/verify.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=500,
        runtime=1,
    params:
        code=code_digest("reproduction.steps.verify_run"),
    shell:
        "python -m reproduction verify-run --accuracies {input.accuracies:q} --reference {input.reference:q} "
        "--output {output:q} 2>&1 | tee {log:q}"
