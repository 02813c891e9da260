rule fetch_data:
    output:
        # Snakemake deletes ordinary outputs before a job, but files that a user put there must stay.
        [update(path) for path in RAW_FILES],
    log:
        f"{RESULTS}/logs/fetch_data.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=500,
        runtime=10,
    params:
        settings=step("fetch_data"),
        checksums=checksum_words(),
        content=raw_digests(),
        folder=folder_of,
        code=code_digest("reproduction.steps.fetch_data"),
    shell:
        "python -m reproduction fetch-data {params.settings:q} --checksums {params.checksums:q} --output {params.folder:q} > {log:q} 2>&1"


rule resize_images:
    input:
        RAW_FILES,
    output:
        f"{RESULTS}/data/images.npz",
    log:
        f"{RESULTS}/logs/resize_images.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=500,
        runtime=1,
    params:
        settings=step("resize_images"),
        checksums=raw_digests(),
        folder=raw_folder,
        code=code_digest("reproduction.steps.resize_images"),
    shell:
        "python -m reproduction resize-images --raw {params.folder:q} {params.settings:q} --checksums {params.checksums:q} "
        "--output {output:q} > {log:q} 2>&1"


rule split_images:
    input:
        f"{RESULTS}/data/images.npz",
    output:
        f"{RESULTS}/data/split-{{replicate}}.npz",
    log:
        f"{RESULTS}/logs/split_images-{{replicate}}.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=500,
        runtime=1,
    params:
        settings=step("split_images"),
        code=code_digest("reproduction.steps.split_images"),
    shell:
        "python -m reproduction split-images --images {input:q} {params.settings:q} --output {output:q} > {log:q} 2>&1"


rule sample_images:
    input:
        f"{RESULTS}/data/split-{{replicate}}.npz",
    output:
        f"{RESULTS}/data/sample-{{replicate}}.npz",
    log:
        f"{RESULTS}/logs/sample_images-{{replicate}}.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=500,
        runtime=1,
    params:
        settings=step("sample_images"),
        code=code_digest("reproduction.steps.sample_images"),
    shell:
        "python -m reproduction sample-images --split {input:q} {params.settings:q} --output {output:q} > {log:q} 2>&1"
