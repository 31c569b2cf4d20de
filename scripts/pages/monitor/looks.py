"""What is so of every view of this page: its rules, its weight and its manners."""

from __future__ import annotations

import gzip
import re

import requests
from selenium.webdriver.common.keys import Keys

from pages.connection import LOST, banner, offline
from pages.looks import POLICY, WORDS, expect_rules, ratio, without_words
from pages.monitor.charts import sums
from pages.monitor.view import (
    VIEWS, develop, elsewhere, ended, open_view, press, row, sign_in, serve, status, table, title)
from pages.stage import PATIENCE, Stage, expect

RING = """
    const element = document.activeElement;
    // The slider of a chart is invisible: its surroundings show where the focus is.
    return [element, element.closest(".plot")].filter(Boolean).some((place) =>
        getComputedStyle(place).outlineStyle !== "none" && parseFloat(getComputedStyle(place).outlineWidth) >= 2);"""


def furnish(stage: Stage, url: str) -> list[str]:
    """Has something of each kind in every view. -> the views, stories too"""
    stage.expected |= {"404", "422"}
    good = stage.upload(stage.picture("a.png"))["file_id"]
    done = develop(stage, good, {"operations": [{"type": "resize", "width": 100}], "webhook_url": f"{url}/hook"})["job_id"]
    failed = develop(stage, stage.upload(stage.broken())["file_id"])["job_id"]
    sheet = stage.folder / "a.csv"
    sheet.write_text(f"product_name,url\nLake,{url}/a.png\nNo,http://10.0.0.1/b.png\n", encoding="utf-8")
    stage.upload(sheet)

    def delivery() -> str | None:
        jobs = requests.get(f"{stage.service}/jobs?kind=webhook", timeout=PATIENCE).json()["jobs"]
        return next((job["job_id"] for job in jobs if job["status"] == "done"), None)

    return [*VIEWS, *(f"job&id={job}" for job in (done, failed, stage.until(delivery)))]


def show(stage: Stage, view: str):
    open_view(stage, view)
    if view == "overview":
        stage.until(lambda: stage.all(".chart path.stroke[d^=M]"))
    elif view.startswith("job&"):
        stage.until(lambda: stage.all(".story-tries :is(tbody tr, .note)"))
    else:
        stage.until(lambda: table(stage))
    stage.until(lambda: stage.one("#standing").text)
    stage.script("for (const details of document.querySelectorAll('details')) details.open = true;")


def look_away(stage: Stage, value: bool):
    """As if the page's tab were hidden, or seen again."""
    stage.script("""
        Object.defineProperty(document, "hidden", { configurable: true, value: arguments[0] });
        document.dispatchEvent(new Event("visibilitychange"));""", value)


def rules(stage: Stage):
    """monitor: every view passes axe-core's rules: light, dark, and on a narrow screen; so do its questions and its login"""
    stage.expected.add("401")
    with elsewhere(stage) as place:
        views = furnish(stage, place.url)
        for scheme, width in (("light", 1440), ("dark", 1440), ("light", 390)):
            stage.emulate(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
            stage.resize(width, 900)
            for view in views:
                show(stage, view)
                expect_rules(stage, f"{view}, {scheme}, {width}")
            show(stage, "overview")
            press(stage, "Pause")
            stage.until(lambda: stage.all("dialog[open]"))
            expect_rules(stage, f"a question, {scheme}, {width}")
            stage.press(Keys.ESCAPE)
    serve(stage, ADMIN_TOKEN="secret", DATA_DIR="guarded")
    stage.driver.get(f"{stage.service}/monitor")
    sign_in(stage, "wrong")
    stage.until(lambda: stage.one("#token-trouble").text)
    expect_rules(stage, "the login")


def contrast(stage: Stage):
    """monitor: words stand out from the glass behind them, by 4.5 to 1 everywhere"""
    with elsewhere(stage) as place:
        views = furnish(stage, place.url)
        for scheme in ("light", "dark"):
            stage.emulate(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
            for view in views:
                show(stage, view)
                # Nothing may change between the words and the ground.
                look_away(stage, True)
                stage.script("document.getElementById('note').hidden = true; scrollTo(0, 0)")
                words = stage.script(WORDS)
                ground = without_words(stage)
                look_away(stage, False)
                for word in words:
                    if not word["text"].strip():
                        continue
                    ink = [int(part) for part in re.findall(r"\d+", word["color"])[:3]]
                    behind = ground.getpixel(tuple(map(int, word["place"])))
                    expect(ratio(ink, behind) >= 4.5, (scheme, view, word, behind, round(ratio(ink, behind), 2)))


def narrow(stage: Stage):
    """monitor: on a screen 390 pixels wide nothing sticks out, and 24 pixels is the least that a finger must hit"""
    with elsewhere(stage) as place:
        views = furnish(stage, place.url)
        stage.resize(390, 844)
        for view in views:
            show(stage, view)
            width = stage.script("return document.documentElement.scrollWidth")
            expect(width <= 390, f"{view} is {width} wide")
            small = stage.script("""
                return [...document.querySelectorAll("button, a.button, nav a, select, input, summary")]
                  .filter((element) => element.checkVisibility() && element.type !== "checkbox")
                  .map((element) => [element.outerHTML.slice(0, 80), element.getBoundingClientRect().height])
                  .filter(([, height]) => height < 24);""")
            expect(not small, (view, small))


def calm(stage: Stage):
    """monitor: with reduced motion nothing moves"""
    stage.emulate(prefers_reduced_motion="reduce")
    stage.expected |= LOST
    for view in ("overview", "workers", "dead"):
        open_view(stage, view)
        stage.until(lambda: stage.one("#standing").text)
        expect(stage.script("return document.getAnimations().length") == 0, f"something is animated in {view}")
    offline(stage, True)
    stage.until(lambda: banner(stage))
    expect(stage.script("return document.getAnimations().length") == 0, "the banner is animated")
    offline(stage, False)


def quiet(stage: Stage):
    """monitor: what does not change is neither painted nor spoken anew, and nothing is asked for while nobody looks"""
    for seed in range(5):
        develop(stage, stage.upload(stage.picture("a.png", 40, 30, seed))["file_id"])
    open_view(stage, "jobs")
    stage.until(lambda: len(table(stage)) == 5)
    stage.driver.set_script_timeout(60)
    changed, spoken = stage.driver.execute_async_script("""
        const done = arguments[0];
        let [changed, spoken] = [0, 0];
        new MutationObserver((records) => {
          for (const { target } of records) {
            const element = target.nodeType === 1 ? target : target.parentElement;
            // Ages go on.
            if (!element?.closest("time")) changed += 1;
            if (element?.closest("[role=status], [role=alert], [aria-live]")) spoken += 1;
          }
        }).observe(document.body, { childList: true, characterData: true, attributes: true, subtree: true });
        setTimeout(() => done([changed, spoken]), 12000);""")
    expect(changed <= 10 and spoken == 0, f"{changed} changes, {spoken} of them spoken")

    stage.script("performance.clearResourceTimings()")
    look_away(stage, True)
    asked = stage.driver.execute_async_script("""
        const done = arguments[0];
        const began = performance.now() + 1000;
        setTimeout(() => done(performance.getEntriesByType("resource").filter(({ startTime }) => startTime > began)
            .map(({ name }) => name)), 13000);""")
    expect(asked == [], asked)
    develop(stage, stage.upload(stage.picture("b.png", 40, 30, 9))["file_id"])
    look_away(stage, False)
    stage.until(lambda: len(table(stage)) == 6)


def away(stage: Stage):
    """monitor: offline it says so, and goes on by itself when the connection is back"""
    stage.expected |= LOST
    open_view(stage)
    stage.until(lambda: stage.all(".chart path.stroke[d^=M]"))
    offline(stage, True)
    stage.until(lambda: banner(stage))
    develop(stage, stage.upload(stage.picture("a.png"))["file_id"])
    offline(stage, False)
    stage.until(lambda: not banner(stage))
    stage.until(lambda: "The connection is back" in stage.one("#announcer").get_property("textContent"))
    stage.until(lambda: sums(stage, "Jobs a second") == [1, 1, 0])


def killed(stage: Stage):
    """monitor: the service is killed and started again: the page says so, and shows the new one"""
    stage.expected |= LOST | {"503"}
    open_view(stage, "workers")
    first = stage.until(lambda: list(table(stage)))
    stage.process.kill()
    stage.until(lambda: banner(stage))
    stage.fleet.start("serve", port=stage.process.port).await_start()
    stage.until(lambda: not banner(stage))
    stage.until(lambda: table(stage) and not set(first) & set(table(stage)), 2 * PATIENCE)


def weight(stage: Stage):
    """monitor: the page with all its parts is under 60 KB compressed, has a strict policy, and comes from the service alone"""
    open_view(stage)
    stage.until(lambda: stage.one("#standing").text)
    names = stage.script("return performance.getEntriesByType('resource').map(({ name }) => name)")
    expect(all(name.startswith(stage.service) for name in names), names)
    parts = sorted({name.removeprefix(stage.service) for name in names if re.search(r"\.(js|css)$", name)})
    expect(len(parts) > 10, parts)
    total = 0
    for name in ("/monitor", *parts):
        answer = requests.get(stage.service + name, timeout=PATIENCE)
        expect(answer.status_code == 200, (name, answer.status_code))
        expect(answer.headers["Content-Security-Policy"] == POLICY, (name, answer.headers))
        total += len(gzip.compress(answer.content))
    expect(total < 60_000, f"{total} bytes")


def focused(stage: Stage) -> str:
    """What has the focus, by name."""
    return stage.script("""
        const element = document.activeElement;
        return element.getAttribute("aria-label") || element.id || element.textContent.trim();""")


def tab_to(stage: Stage, name: str):
    """Goes on with the Tab key until something of this name has the focus, whose ring is seen on the whole way."""
    for _ in range(80):
        stage.press(Keys.TAB)
        if focused(stage) == name:
            expect(stage.script(RING), f"no ring around {name}")
            return
        expect(stage.script("return document.activeElement === document.body") or stage.script(RING),
               f"no ring around {focused(stage)}")
    raise AssertionError(f"the Tab key does not lead to {name}")


def keyboard(stage: Stage):
    """monitor: by keyboard alone: the views, a story, a question that is declined and one that is not"""
    stage.expected |= {"422", "404"}
    with elsewhere(stage, JOB_MAX_ATTEMPTS="1") as place:
        place.is_well = False
        jobs = [requests.post(
            f"{stage.service}/api/v1/images/process", timeout=PATIENCE,
            json={"imageUrl": f"{place.url}/{name}.png", "transformations": ["grayscale"]}).json()["jobId"] for name in "ab"]
        for job in jobs:
            expect(ended(stage, job) == "failed", job)
        open_view(stage)
        stage.until(lambda: stage.all(".chart path.stroke[d^=M]"))
        stage.script("document.activeElement.blur()")
        tab_to(stage, "Skip to the view")
        stage.press(Keys.ENTER)
        expect(focused(stage) == "main" and "view=overview" in stage.driver.current_url, focused(stage))
        tab_to(stage, "Pause")
        tab_to(stage, "Jobs a second: moment")
        stage.script("document.activeElement.blur(); scrollTo(0, 0)")
        stage.driver.refresh()
        stage.until(lambda: stage.all("body.in main h2"))
        stage.script("document.querySelector('nav a').focus()")
        tab_to(stage, "Jobs")
        stage.press(Keys.ENTER)
        stage.until(lambda: title(stage) == "Jobs" and focused(stage) == "Jobs")
        stage.until(lambda: len(table(stage)) == 2)
        tab_to(stage, f"Job {jobs[1]}")
        stage.press(Keys.ENTER)
        stage.until(lambda: title(stage) == "Job" and stage.all(".story-head button"))
        place.is_well = True
        tab_to(stage, f"Retry job …{jobs[1][-8:]}")
        stage.press(Keys.ENTER)
        stage.until(lambda: status(stage, jobs[1]) == "done")
        stage.until(lambda: "done" in stage.one(".story-head").text)
        expect(stage.script("return document.activeElement !== document.body"), "the focus is lost")

        open_view(stage, "dead")
        row(stage, jobs[0])
        deleter = f"Delete job …{jobs[0][-8:]}"
        tab_to(stage, deleter)
        stage.press(Keys.ENTER)
        stage.until(lambda: stage.all("dialog[open]") and focused(stage) == "Cancel")
        stage.press(Keys.ESCAPE)
        stage.until(lambda: not stage.all("dialog") and focused(stage) == deleter)
        stage.press(Keys.ENTER)
        stage.until(lambda: stage.all("dialog[open]"))
        stage.press(Keys.TAB)
        expect(focused(stage) == "Delete", focused(stage))
        stage.press(Keys.ENTER)
        stage.until(lambda: not table(stage))
        expect(stage.script("return document.activeElement !== document.body"), "the focus is lost")
        stage.until(lambda: "is deleted" in stage.one("#announcer").get_property("textContent"))


CHECKS = [rules, contrast, narrow, calm, quiet, away, killed, weight, keyboard]
