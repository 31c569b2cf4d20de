"""What is so of every view: its rules, its weight and its manners."""

from __future__ import annotations

import gzip
import importlib.resources
import json
import re

import requests
from PIL import Image

from pages.stage import PATIENCE, Stage, expect

AXE = (importlib.resources.files("selenium_axe_python") / "axe-core/axe.min.js").read_text(encoding="utf-8")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob: data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
VIEWS = ("pictures", "batches", "descriptions", "history")


def furnish(stage: Stage):
    """Has something of each kind in every view."""
    stage.expected |= {"415", "422"}
    (stage.folder / "text.png").write_text("no picture")
    sheet = stage.folder / "a.csv"
    sheet.write_text(f"product_name,url\nLake,{stage.pictures}/a.png\nNo,{stage.pictures}/b.png\n", encoding="utf-8")
    stage.open("/ui#transformations=resize:width=200,tint:color=aa5500,convert:format=png,round:radius=20")
    stage.pick(stage.picture("a.png"), stage.folder / "text.png")
    stage.ended("a.png")
    stage.ended("text.png", "failed")
    stage.pick(sheet)
    stage.until(lambda: stage.one(".sheet").get_attribute("data-state") == "done")
    stage.button("Describe").click()
    stage.pick(stage.folder / "a.png")
    stage.ended("a.png", panel="descriptions")


def show(stage: Stage, view: str):
    stage.one(f"#tab-{view}").click()
    if view == "history":
        stage.until(lambda: len(stage.all(f"#{view} .rows:not(:empty)")) == 2)
    stage.script("""
        document.getElementById("planner").open = true;
        for (const details of document.querySelectorAll("details")) details.open = true;
        document.querySelectorAll("#steps .open")[0].getAttribute("aria-expanded") === "true"
            || document.querySelectorAll("#steps .open")[0].click();""")


def rules(stage: Stage):
    """every view passes axe-core's rules: light, dark, and on a narrow screen"""
    stage.open()
    expect_rules(stage, "empty")
    furnish(stage)
    for scheme, width in (("light", 1440), ("dark", 1440), ("light", 390)):
        # Without motion there is nothing half faded to judge.
        stage.emulate(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
        stage.resize(width, 900)
        for view in VIEWS:
            show(stage, view)
            expect_rules(stage, f"{view}, {scheme}, {width}")


def expect_rules(stage: Stage, place: str):
    stage.script(AXE)
    found = stage.driver.execute_async_script("""
        const done = arguments[0];
        const brief = ({ html, failureSummary }) => [html.slice(0, 200), failureSummary];
        axe.run().then(({ violations }) => done(violations.map(({ id, nodes }) => [id, nodes.slice(0, 3).map(brief)])),
            (error) => done(String(error)));""")
    expect(found == [], f"{place}: {json.dumps(found, indent=1)}")


WORDS = """
    const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    return [...document.querySelectorAll("body *")]
      .filter((element) => hasText(element) && element.checkVisibility())
      .filter((element) => !element.closest(".unseen, .skip, .compare"))
      .map((element) => {
        const { x, y, width, height } = element.getBoundingClientRect();
        // Beside the first letters, which are away while the ground is looked at.
        const place = [x + Math.min(width / 2, 20), y + Math.min(height / 2, 12)];
        const isOnTop = element.contains(document.elementFromPoint(...place));
        return { place, isOnTop, color: getComputedStyle(element).color, text: element.textContent.slice(0, 30) };
      }).filter(({ isOnTop }) => isOnTop);"""


def contrast(stage: Stage):
    """words stand out from the glass behind them, by 4.5 to 1 everywhere"""
    # axe-core leaves out what lies on gradients and on pictures. Here are the pixels themselves.
    furnish(stage)
    for scheme in ("light", "dark"):
        stage.emulate(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
        for view in VIEWS:
            show(stage, view)
            stage.script("scrollTo(0, 0)")
            words = stage.script(WORDS)
            ground = without_words(stage)
            for word in words:
                ink = [int(part) for part in re.findall(r"\d+", word["color"])[:3]]
                behind = ground.getpixel(tuple(map(int, word["place"])))
                expect(ratio(ink, behind) >= 4.5, (scheme, view, word, behind, round(ratio(ink, behind), 2)))


def without_words(stage: Stage) -> Image.Image:
    """The screen as it is, but for the letters."""
    stage.script("""for (const { style } of document.querySelectorAll("body *"))
        style.setProperty("color", "transparent", "important");""")
    try:
        return stage.screenshot(stage.one("html"))
    finally:
        stage.script("""for (const { style } of document.querySelectorAll("body *")) style.removeProperty("color");""")


def ratio(one, other) -> float:
    """The contrast of two colours, by WCAG 2."""
    def luminance(color):
        parts = [value / 255 for value in color]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def narrow(stage: Stage):
    """on a screen 390 pixels wide nothing sticks out, and 24 pixels is the least that a finger must hit"""
    furnish(stage)
    stage.resize(390, 844)
    for view in VIEWS:
        show(stage, view)
        width = stage.script("return document.documentElement.scrollWidth")
        expect(width <= 390, f"{view} is {width} wide")
        small = stage.script("""
            return [...document.querySelectorAll("button, a.button, select, input, summary, [role=tab]")]
              .filter((element) => element.checkVisibility() && element.id !== "pick" && element.type !== "checkbox")
              .map((element) => [element.outerHTML.slice(0, 80), element.getBoundingClientRect().height])
              .filter(([, height]) => height < 24);""")
        expect(not small, small)


def calm(stage: Stage):
    """with reduced motion nothing moves"""
    stage.emulate(prefers_reduced_motion="reduce")
    stage.open()
    stage.driver.set_network_conditions(offline=False, latency=5, download_throughput=-1, upload_throughput=200_000)
    stage.pick(stage.picture("slow.bmp", 640, 480))
    stage.until(lambda: stage.all(".card progress"))
    expect(stage.script("return document.getAnimations().length") == 0, "something is animated")


def weight(stage: Stage):
    """the page with all its assets is under 60 KB compressed, has a strict policy, and comes from the service alone"""
    stage.open()
    names = stage.script("return performance.getEntriesByType('resource').map(({ name }) => name)")
    names = ["/ui", *(name.removeprefix(stage.service) for name in names)]
    expect(all(name.startswith("/") for name in names), names)
    total = 0
    for name in names:
        answer = requests.get(stage.service + name, timeout=PATIENCE)
        expect(answer.status_code == 200, (name, answer.status_code))
        if name.startswith("/ui"):
            total += len(gzip.compress(answer.content))
            expect(answer.headers["Content-Security-Policy"] == POLICY, (name, answer.headers))
    expect(total < 60_000, f"{total} bytes")
    redirected = requests.get(stage.service, headers={"Accept": "text/html"}, timeout=PATIENCE, allow_redirects=False)
    expect(redirected.headers.get("Location") == "/ui", redirected.headers)


PAINTED = "return performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def paint(stage: Stage):
    """the first paint comes within 300 ms"""
    times = []
    for _ in range(5):
        stage.driver.get("about:blank")
        stage.open()
        times.append(stage.until(lambda: stage.script(PAINTED)))
    expect(sorted(times)[2] < 300, times)


CHECKS = [rules, contrast, narrow, calm, weight, paint]
