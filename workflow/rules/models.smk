rule train_bp:
    input:
        images=f"{RESULTS}/data/images.npz",
        split=f"{RESULTS}/data/split-{{replicate}}.npz",
    output:
        weights=f"{RESULTS}/models/{{model}}-{{replicate}}/weights.npz",
        history=f"{RESULTS}/models/{{model}}-{{replicate}}/history.csv",
        norms=f"{RESULTS}/models/{{model}}-{{replicate}}/norms.csv",
    log:
        f"{RESULTS}/logs/train_bp/{{model}}-{{replicate}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train_bp/{{model}}-{{replicate}}.tsv"
    wildcard_constraints:
        model=of_method(config["models"], "bp"),
    conda:
        ENVIRONMENT
    resources:
        mem_mb=600,
        runtime=2,
    params:
        verb="train-bp",
        settings=step("train_bp"),
        checkpoint=checkpoint_file,
        code=code_digest("reproduction.steps.train_bp"),
    shell:
        "python -m reproduction {params.verb:q} --images {input.images:q} --split {input.split:q} {params.settings:q} "
        "--checkpoint {params.checkpoint:q} --history {output.history:q} --norms {output.norms:q} --output {output.weights:q} "
        "> {log:q} 2>&1"


use rule train_bp as train_glr with:
    log:
        f"{RESULTS}/logs/train_glr/{{model}}-{{replicate}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train_glr/{{model}}-{{replicate}}.tsv"
    wildcard_constraints:
        model=of_method(config["models"], "glr"),
    resources:
        mem_mb=600,
        runtime=4,
    params:
        verb="train-glr",
        settings=step("train_glr"),
        checkpoint=checkpoint_file,
        code=code_digest("reproduction.steps.train_glr"),
