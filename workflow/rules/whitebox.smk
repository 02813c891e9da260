rule attack_victim:
    input:
        weights=f"{RESULTS}/models/{{model}}-{{replicate}}/weights.npz",
        images=f"{RESULTS}/data/images.npz",
        split=f"{RESULTS}/data/split-{{replicate}}.npz",
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


use rule draw_figure as tabulate_victims with:
    output:
        f"{RESULTS}/tables/{{figure}}.md",
    log:
        f"{RESULTS}/logs/tabulate_victims/{{figure}}.log",
    wildcard_constraints:
        figure="whitebox|blackbox",


rule whitebox:
    input:
        part_of_run("whitebox"),
        f"{RESULTS}/tables/whitebox.md",


rule blackbox:
    input:
        part_of_run("blackbox"),
        f"{RESULTS}/tables/blackbox.md",
