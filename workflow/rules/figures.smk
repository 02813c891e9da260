rule draw_figure:
    input:
        unpack(of_figure("inputs")),
    output:
        report(
            f"{RESULTS}/figures/{{figure}}.svg",
            caption="../report/figure.rst",
            category=of_figure("category"),
            labels=of_figure("labels"),
        ),
        f"{RESULTS}/figures/{{figure}}.png",
    log:
        f"{RESULTS}/logs/draw_figure/{{figure}}.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=600,
        runtime=1,
    params:
        settings=figure_words,
        files=input_words,
        caption=of_figure("caption"),
        code=figure_code,
    shell:
        "python -m reproduction draw-figure {params.settings:q} {params.files:q} --output {output:q} > {log:q} 2>&1"


rule figures:
    input:
        part_of_run(),


for path in part_of_run():

    rule:
        name:
            Path(path).stem
        input:
            path,
