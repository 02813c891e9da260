rule attack_victim:
    input:
        weights=f"{RESULTS}/models/{{model}}-{{replicate}}/weights.npz",
        images=f"{RESULTS}/data/images.npz",
        split=f"{RESULTS}/data/split.npz",
        sample=f"{RESULTS}/data/sample-{{replicate}}.npz",
    output:
        f"{RESULTS}/evaluation/victims/{{victim_attack}}/{{model}}-{{replicate}}.npz",
    log:
        f"{RESULTS}/logs/attack_victim/{{victim_attack}}/{{model}}-{{replicate}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/attack_victim/{{victim_attack}}-{{model}}-{{replicate}}.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=1000,
        runtime=60,
    params:
        settings=step("attack_victim"),
        code=code_digest("reproduction.steps.attack_victim"),
    shell:
        "python -m reproduction attack-victim --weights {input.weights:q} --images {input.images:q} --split {input.split:q} "
        "--sample {input.sample:q} {params.settings:q} --output {output:q} > {log:q} 2>&1"


rule collect_victims:
    input:
        victims_of,
    output:
        images=f"{RESULTS}/evaluation/{{target}}.npz",
        accuracies=f"{RESULTS}/evaluation/{{target}}.csv",
    log:
        f"{RESULTS}/logs/collect_victims/{{target}}.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=500,
        runtime=1,
    params:
        names=victim_names,
        code=code_digest("reproduction.steps.collect_victims"),
    shell:
        "python -m reproduction collect-victims --victims {input:q} {params.names:q} --images {output.images:q} "
        "--output {output.accuracies:q} > {log:q} 2>&1"


rule draw_robustness:
    input:
        f"{RESULTS}/evaluation/{{target}}.csv",
    output:
        svg=report(
            f"{RESULTS}/figures/{{target}}.svg",
            caption="../report/victims.rst",
            category="Experiments",
            labels={"result": "{target}: accuracy over epsilon"},
        ),
        png=f"{RESULTS}/figures/{{target}}.png",
        table=f"{RESULTS}/tables/{{target}}.md",
    log:
        f"{RESULTS}/logs/draw_robustness/{{target}}.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=600,
        runtime=10,
    params:
        code=code_digest("reproduction.steps.draw_robustness"),
    shell:
        "python -m reproduction draw-robustness --accuracies {input:q} --table {output.table:q} "
        "--output {output.svg:q} {output.png:q} > {log:q} 2>&1"


rule whitebox:
    input:
        f"{RESULTS}/figures/whitebox.svg",


rule blackbox:
    input:
        f"{RESULTS}/figures/blackbox.svg",
