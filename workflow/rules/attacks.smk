rule calibrate_attack:
    input:
        unpack(calibration_inputs),
        images=f"{RESULTS}/data/images.npz",
    output:
        search=f"{RESULTS}/calibration/{{attack}}.csv",
        strength=f"{RESULTS}/calibration/{{attack}}.json",
    log:
        f"{RESULTS}/logs/calibrate_attack/{{attack}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/calibrate_attack/{{attack}}.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=500,
        runtime=5,
    params:
        settings=step("calibrate_attack"),
        code=code_digest("reproduction.steps.calibrate_attack"),
    shell:
        "python -m reproduction calibrate-attack --weights {input.weights:q} --sources {input.sources:q} "
        "--splits {input.splits:q} --samples {input.samples:q} --images {input.images:q} {params.settings:q} "
        "--search {output.search:q} --output {output.strength:q} > {log:q} 2>&1"


rule attack_fgsm:
    input:
        strength=strength_file,
        source=source_weights,
        images=f"{RESULTS}/data/images.npz",
        split=f"{RESULTS}/data/split-{{replicate}}.npz",
        sample=f"{RESULTS}/data/sample-{{replicate}}.npz",
    output:
        f"{RESULTS}/attacks/{{attack}}-{{replicate}}.npz",
    log:
        f"{RESULTS}/logs/attack_fgsm/{{attack}}-{{replicate}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/attack_fgsm/{{attack}}-{{replicate}}.tsv"
    wildcard_constraints:
        attack=of_method(config["attacks"]["sets"], "fgsm"),
    conda:
        ENVIRONMENT
    resources:
        mem_mb=500,
        runtime=1,
    params:
        verb="attack-fgsm",
        settings=step("attack_fgsm"),
        strength=strength_flags,
        code=code_digest("reproduction.steps.attack_fgsm"),
    shell:
        "python -m reproduction {params.verb:q} --source {input.source:q} --images {input.images:q} --split {input.split:q} "
        "--sample {input.sample:q} {params.settings:q} {params.strength:q} --output {output:q} > {log:q} 2>&1"


use rule attack_fgsm as attack_lbfgs with:
    log:
        f"{RESULTS}/logs/attack_lbfgs/{{attack}}-{{replicate}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/attack_lbfgs/{{attack}}-{{replicate}}.tsv"
    wildcard_constraints:
        attack=of_method(config["attacks"]["sets"], "lbfgs"),
    resources:
        mem_mb=500,
        runtime=4,
    params:
        verb="attack-lbfgs",
        settings=step("attack_lbfgs"),
        strength=strength_flags,
        code=code_digest("reproduction.steps.attack_lbfgs"),
