rule certify_model:
    input:
        weights=f"{RESULTS}/models/{{model}}-{{replicate}}/weights.npz",
        images=f"{RESULTS}/data/images.npz",
        split=f"{RESULTS}/data/split-{{replicate}}.npz",
        sample=f"{RESULTS}/data/sample-{{replicate}}.npz",
    output:
        f"{RESULTS}/evaluation/certificates/{{model}}-{{replicate}}.npz",
    log:
        f"{RESULTS}/logs/certify_model/{{model}}-{{replicate}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/certify_model/{{model}}-{{replicate}}.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=600,
        runtime=5,
    params:
        settings=step("certify_model"),
        code=code_digest("reproduction.steps.certify_model"),
    shell:
        "python -m reproduction certify-model --weights {input.weights:q} --images {input.images:q} --split {input.split:q} "
        "--sample {input.sample:q} {params.settings:q} --output {output:q} > {log:q} 2>&1"


rule collect_certificates:
    input:
        certificates_of(certified_models(config)),
    output:
        f"{RESULTS}/evaluation/certificates.csv",
    log:
        f"{RESULTS}/logs/collect_certificates.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=500,
        runtime=1,
    params:
        names=words(**certified_models(config), radii=config["certificates"]["radii"]),
        code=code_digest("reproduction.steps.collect_certificates"),
    shell:
        "python -m reproduction collect-certificates --certificates {input:q} {params.names:q} --output {output:q} > {log:q} 2>&1"


rule tabulate_certificates:
    input:
        f"{RESULTS}/evaluation/certificates.csv",
    output:
        f"{RESULTS}/tables/certificates.csv",
        f"{RESULTS}/tables/certificates.md",
        report(
            f"{RESULTS}/tables/certificates.html",
            caption="../report/figure.rst",
            category="Experiments",
            labels={"result": "certificates: certified accuracy by radius"},
        ),
    log:
        f"{RESULTS}/logs/tabulate_certificates.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=500,
        runtime=1,
    params:
        caption=FIGURES["certificates"].caption,
        code=code_digest("reproduction.steps.tabulate_certificates"),
    shell:
        "python -m reproduction tabulate-certificates --accuracies {input:q} --output {output:q} > {log:q} 2>&1"


rule certificates:
    input:
        part_of_run("certificates"),
        f"{RESULTS}/tables/certificates.html",
