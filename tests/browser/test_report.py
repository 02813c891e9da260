"""A made report, opened in Chromium: every category and result, as a reader clicks through them.

Needs the extra `browser`, Chromium, and a report: results/smoke/report.html, or the one that GLR_REPORT names.
Screenshots go to the folder that GLR_SCREENSHOTS names.
"""

import html
import json
import os
import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REPORT = Path(os.environ.get("GLR_REPORT", ROOT / "results" / "smoke" / "report.html")).resolve()
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
UNDRAWN = {"figure1", "figure2", "figure4"}

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page():
    """Return the report's page and the list of what it complains of."""
    driver = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    if not REPORT.is_file():
        pytest.skip(f"needs {REPORT}: snakemake --report with --configfile config/smoke.yaml")
    with driver.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.set_default_timeout(15_000)
        page.complaints = []
        page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(REPORT.as_uri(), timeout=115_000)
        page.wait_for_selector("text=Results")
        yield page
        browser.close()


def shoot(page, name):
    if folder := os.environ.get("GLR_SCREENSHOTS"):
        page.wait_for_timeout(500)
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_overview_tells_of_the_run(page):
    shoot(page, "overview")
    overview = page.inner_text(".prose")
    for part in ("The paper claims", "How to read", "This run. Seed", "replicate(s)", "Strengths of the attacks"):
        assert part in overview
    assert re.search(r"fgsm: epsilon .* is [\d.]+, as given", overview)
    assert "{" not in overview
    assert page.query_selector(".prose .tables td") and page.query_selector(".prose svg")
    assert page.query_selector(".system-message") is None


def test_run_times_are_drawn(page):
    page.click("text=Statistics")
    page.wait_for_selector("#runtimes canvas, #runtimes svg, canvas, svg.marks")
    shoot(page, "statistics")


def test_every_category_opens_and_every_result_is_shown(page):
    categories = page.evaluate("categories")
    results = page.evaluate("results")
    assert {"Tables", "Figures", "Run"} <= set(categories)
    for category, groups in categories.items():
        page.evaluate("name => app.setView({navbarMode: 'menu'})", category)
        page.click(f"li >> text='{category}'")
        page.wait_for_selector("table tbody tr")
        shoot(page, category)
        for path in (path for group in groups.values() for path in group):
            rows = page.locator("table tbody tr").filter(has_text=next(iter(results[path]["labels"].values())))
            assert rows.count() >= 1, path
            kind = results[path]["mime_type"]
            if kind.startswith("image/"):
                rows.first.locator("a").first.click()
                page.wait_for_function(
                    "uri => [...document.images].some(i => i.src === uri && i.complete && i.naturalWidth > 0)",
                    arg=results[path]["data_uri"],
                )
                shoot(page, Path(path).stem)
            elif kind == "text/html":
                rows.first.locator("a").first.click()
                frame = page.frame_locator("iframe")
                frame.locator("td").first.wait_for()
                assert "Gain over" in frame.locator("body").inner_text()
                shoot(page, Path(path).stem)
            else:
                assert rows.first.locator("a").first.get_attribute("download"), path
    assert page.complaints == []


def test_captions_state_seed_and_n(page):
    for path, result in page.evaluate("results").items():
        caption = html.unescape(re.sub(r"<[^>]+>", "", result["caption"]))
        assert "system-message" not in result["caption"], path
        page.evaluate("path => app.showResultInfo(path)", path)
        page.wait_for_selector("text=Description")
        shoot(page, f"caption-{Path(path).stem}")
        if path.endswith("manifest.json"):
            assert json.loads(caption[caption.index("{") : caption.rindex("}") + 1])["seed"] >= 0
            continue
        assert re.search(r"Seed \d+, split seed \d+", caption), path
        assert Path(path).stem in UNDRAWN or re.search(r"n\s*=\s*\d+", caption), path
