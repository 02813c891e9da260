rule attack_victim:
    input:
        weights=f"{RESULTS}/models/{{model}}-{{replicate}}/weights.npz",
        source=source_of_victim,
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
        source=source_flag,
        code=code_digest("reproduction.steps.attack_victim"),
    shell:
        "python -m reproduction attack-victim --weights {input.weights:q} --images {input.images:q} --split {input.split:q} "
        "--sample {input.sample:q} {params.settings:q} {params.source:q} --output {output:q} > {log:q} 2>&1"


rule collect_victims:
    input:
        victims=victims_of(),
        certificates=certificates_of(attacked_models(config)),
    output:
        images=f"{RESULTS}/evaluation/attacks.npz",
        flags=f"{RESULTS}/tables/attacks_flags.md",
        accuracies=f"{RESULTS}/evaluation/attacks.csv",
    log:
        f"{RESULTS}/logs/collect_victims.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=500,
        runtime=1,
    params:
        names=victim_names(),
        code=code_digest("reproduction.steps.collect_victims"),
    shell:
        "python -m reproduction collect-victims --victims {input.victims:q} --certificates {input.certificates:q} "
        "{params.names:q} --images {output.images:q} --flags {output.flags:q} --output {output.accuracies:q} > {log:q} 2>&1"


use rule draw_figure as tabulate_victims with:
    output:
        f"{RESULTS}/tables/{{figure}}.md",
    log:
        f"{RESULTS}/logs/tabulate_victims/{{figure}}.log",
    wildcard_constraints:
        figure="attacks",


rule attacks:
    input:
        part_of_run("attacks"),
        f"{RESULTS}/tables/attacks.md",
