"""The site, opened in Chromium at a desk's width and at a phone's: links, pictures, and nothing wider than the screen.

Needs the extra `browser`, Chromium, and site/ (`make docs`). Screenshots go to the folder that GLR_SCREENSHOTS names.
"""

import functools
import http.server
import os
import shutil
import threading
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

SITE = Path(__file__).resolve().parents[2] / "site"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PAGES = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html") if path.name != "report.html")
WIDTHS = {"desk": 1400, "phone": 390}

pytestmark = pytest.mark.browser


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files, and says nothing of it."""

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def opened():
    """Return a function that opens a page of the site at a width, and the list of what the pages complain of."""
    driver = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    if not PAGES:
        pytest.skip(f"needs {SITE}: make docs")
    handler = functools.partial(Quiet, directory=SITE)
    with (
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server,
        driver.sync_playwright() as playwright,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        origin = f"http://127.0.0.1:{server.server_port}/"
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(15_000)
        page.complaints = []
        page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on(
            "request", lambda asked: page.complaints.append(asked.url) if not asked.url.startswith(origin) else None
        )

        def show(path, width):
            page.complaints.clear()
            page.set_viewport_size({"width": WIDTHS[width], "height": 900})
            page.goto(origin + path)
            page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
            page.wait_for_function("[...document.images].every(image => image.complete)")
            if folder := os.environ.get("GLR_SCREENSHOTS"):
                page.screenshot(path=Path(folder) / f"{path.replace('/', '-')}-{width}.png")
            return page

        show.origin = origin
        yield show
        browser.close()
        server.shutdown()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_the_screen_and_shows_its_pictures(opened, path, width):
    page = opened(path, width)
    assert page.evaluate("[...document.images].filter(image => !image.naturalWidth).map(image => image.src)") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[width]
    assert page.complaints == []


@pytest.mark.parametrize("path", PAGES)
def test_every_link_of_a_page_leads_somewhere(opened, path):
    page = opened(path, "desk")
    lost = []
    for link in page.evaluate("[...document.links].map(link => link.href)"):
        address, anchor = urldefrag(link)
        if not address.startswith(opened.origin):
            assert address.startswith("https://"), link
            continue
        file = SITE / unquote(address.removeprefix(opened.origin) or "index.html")
        named = (f'{mark}="{unquote(anchor)}"' for mark in ("id", "name"))
        if not file.is_file() or (anchor and not any(name in file.read_text("utf-8") for name in named)):
            lost.append(link)
    assert lost == []
