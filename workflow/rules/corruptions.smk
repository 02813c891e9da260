rule corrupt_images:
    input:
        raw=RAW_FILES,
        images=f"{RESULTS}/data/images.npz",
        split=f"{RESULTS}/data/split-{{replicate}}.npz",
        sample=f"{RESULTS}/data/sample-{{replicate}}.npz",
    output:
        f"{RESULTS}/corruptions/{{corruption}}-{{replicate}}.npz",
    log:
        f"{RESULTS}/logs/corrupt_images/{{corruption}}-{{replicate}}.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=700,
        runtime=1,
    params:
        folder=raw_folder,
        settings=step("corrupt_images"),
        code=code_digest("reproduction.steps.corrupt_images"),
    shell:
        "python -m reproduction corrupt-images --raw {params.folder:q} --images {input.images:q} --split {input.split:q} "
        "--sample {input.sample:q} {params.settings:q} --output {output:q} > {log:q} 2>&1"
