# The experiment with its pinned packages.
# docker build -t glr . && docker run --rm -v "$PWD/out:/glr/results/smoke" glr --cores 2 --configfile config/smoke.yaml
FROM python:3.11-slim-bookworm
WORKDIR /glr
COPY envs/requirements.txt envs/requirements.txt
RUN pip install --no-cache-dir --require-hashes --requirement envs/requirements.txt
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation --editable .
ENTRYPOINT ["snakemake"]
CMD ["--cores", "all"]
