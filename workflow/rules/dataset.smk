rule export_sets:
    input:
        raw=RAW_FILES,
        images=f"{RESULTS}/data/images.npz",
        split=f"{RESULTS}/data/split-{{replicate}}.npz",
        sample=f"{RESULTS}/data/sample-{{replicate}}.npz",
        strengths=[f"{RESULTS}/calibration/{name}.json" for name in DATASET["strengths"]],
        attacks=[f"{RESULTS}/attacks/{name}-{{replicate}}.npz" for name in DATASET["attacks"]],
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
        folder=raw_folder,
        attacks=json.dumps({name: config["attacks"]["sets"][name] for name in DATASET["attacks"]}, sort_keys=True),
        files=named_by_kind,
        corruptions=words(corruptions=described(DATASET["corruptions"])),
        code=code_digest("reproduction.steps.export_sets"),
    shell:
        "python -m reproduction export-sets --raw {params.folder:q} --images {input.images:q} --split {input.split:q} "
        "--sample {input.sample:q} {params.settings:q} --settings {params.attacks:q} {params.files:q} {params.corruptions:q} "
        "--output {output:q} > {log:q} 2>&1"


rule dataset:
    input:
        f"{RESULTS}/dataset/replicate-1",
