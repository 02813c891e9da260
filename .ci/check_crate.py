"""Validate the RO-Crate of the folder named, without a network: the context's text comes from the package rocrate.

The validator looks it up in a cache of answers, so this puts it there first. Ends with 1 where the crate is not valid.
"""

import subprocess
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from requests_cache import CachedRequest, CachedResponse, CachedSession

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
PROFILE = "workflow-run-crate-0.5"

with tempfile.TemporaryDirectory() as folder:
    cache = Path(folder) / "answers"
    content = (files("rocrate") / "data/ro-crate.jsonld").read_bytes()
    with CachedSession(str(cache), backend="sqlite", expire_after=-1) as session:
        headers = {"Content-Type": "application/ld+json"}
        request = CachedRequest(method="GET", url=CONTEXT)
        answer = CachedResponse(status_code=200, url=CONTEXT, content=content, headers=headers, request=request)
        session.cache.save_response(answer)
    words = [
        "-y",
        "--disable-color",
        "validate",
        "--offline",
        "--cache-path",
        str(cache),
        "-p",
        PROFILE,
        "-v",
        sys.argv[1],
    ]
    sys.exit(subprocess.run(["rocrate-validator", *words], check=False).returncode)
