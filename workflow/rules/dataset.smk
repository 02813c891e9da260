rule export_sets:
    input:
        images=f"{RESULTS}/data/images.npz",
        split=f"{RESULTS}/data/split-{{replicate}}.npz",
        strengths=[f"{RESULTS}/calibration/{name}.json" for name in DATASET["strengths"]],
        attacks=[f"{RESULTS}/attacks/{name}-{{replicate}}.npz" for name in DATASET["attacks"]],
        corruptions=[f"{RESULTS}/corruptions/{name}-{{replicate}}.npz" for name in DATASET["corruptions"]],
    output:
        directory(f"{RESULTS}/dataset/replicate-{{replicate}}"),
    log:
        f"{RESULTS}/logs/export_sets/{{replicate}}.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        settings=step("export_sets"),
        sets=json.dumps({name: (config["attacks"]["sets"] | CORRUPTIONS)[name] for name in SHOWN}, sort_keys=True),
        files=named_by_kind,
        code=code_digest("reproduction.steps.export_sets"),
    shell:
        "python -m reproduction export-sets --images {input.images:q} --split {input.split:q} {params.settings:q} "
        "--settings {params.sets:q} {params.files:q} --output {output:q} > {log:q} 2>&1"


rule dataset:
    input:
        f"{RESULTS}/dataset/replicate-1",
