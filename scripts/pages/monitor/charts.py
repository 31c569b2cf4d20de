"""The overview: what was done within the last hour, how the service stands, and that it can be paused."""

from __future__ import annotations

import re
import time

from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from pages.monitor.view import NOTICED, agree, develop, ended, figures, open_view, press, status
from pages.stage import Stage, expect


def chart(stage: Stage, name: str) -> WebElement:
    """The chart with this title."""
    return next(chart for chart in stage.all(".chart") if chart.find_element(By.TAG_NAME, "h3").text == name)


def minutes(stage: Stage, name: str) -> list[list[str]]:
    """The table of a chart, without the times."""
    details = chart(stage, name).find_element(By.TAG_NAME, "details")
    stage.script("arguments[0].open = true", details)
    return stage.script(
        "return [...arguments[0].querySelectorAll('tbody tr')].map((row) => [...row.cells].slice(1)"
        ".map((cell) => cell.textContent))", details)


def sums(stage: Stage, name: str) -> list[int]:
    """What all minutes of a chart's table come to, column by column."""
    columns = zip(*minutes(stage, name), strict=True)
    return [sum(int(text.replace(",", "")) for text in column) for column in columns]


def history(stage: Stage):
    """monitor: charts and their tables show the work that was done, as it is done and on a fresh page"""
    open_view(stage)
    stage.until(lambda: figures(stage).get("Busy slots", "–") != "–")
    for seed in range(3):
        expect(develop(stage, stage.upload(stage.picture("a.png", seed=seed))["file_id"])["status"] == "done", "not done")
    broken = develop(stage, stage.upload(stage.broken())["file_id"])
    expect(broken["status"] == "failed", broken)
    # submitted, done and failed
    stage.until(lambda: sums(stage, "Jobs a second") == [4, 3, 1])
    stage.until(lambda: figures(stage)["Dead letters"] == "1")
    for name in ("Run time", "Wait for a worker"):
        stage.until(lambda name=name: any(re.match(r"[\d.]+\s(ms|s)$", cell) for row in minutes(stage, name) for cell in row))
    stage.until(lambda: any(re.match(r"[\d.]+ k?B$", cells[0]) for cells in minutes(stage, "Bytes a second")
                            if cells[0] != "0 B"))

    stage.driver.refresh()
    stage.until(lambda: stage.all(".chart path.stroke[d^=M]"))
    stage.until(lambda: sums(stage, "Jobs a second") == [4, 3, 1])
    expect(58 <= len(minutes(stage, "Jobs a second")) <= 61, len(minutes(stage, "Jobs a second")))


def looked_at(stage: Stage):
    """monitor: a chart tells the values under the pointer, and those that the keys go to"""
    develop(stage, stage.upload(stage.picture("a.png"))["file_id"])
    open_view(stage)
    stage.until(lambda: stage.all(".chart path.stroke[d^=M]"))
    place = chart(stage, "Jobs a second")
    moment = place.find_element(By.CLASS_NAME, "moment")
    expect(moment.text == "now", moment.text)
    slider = place.find_element(By.CSS_SELECTOR, "input[type=range]")
    slider.send_keys(Keys.HOME)
    stage.until(lambda: re.match(r"\d\d:\d\d:\d\d: Submitted 0/s, Done 0/s, Failed 0/s", slider.get_attribute("aria-valuetext")))
    first = moment.text
    slider.send_keys(Keys.ARROW_RIGHT)
    stage.until(lambda: moment.text not in (first, "now"))
    expect(seconds(moment.text) - seconds(first) in (10, 10 - 86400), (first, moment.text))
    slider.send_keys(Keys.END)
    stage.until(lambda: moment.text not in (first, "now") and slider.get_attribute("aria-valuetext").startswith(moment.text))
    slider.send_keys(Keys.TAB)
    stage.until(lambda: moment.text == "now")
    ActionChains(stage.driver).move_to_element(place.find_element(By.CLASS_NAME, "plot")).perform()
    stage.until(lambda: re.match(r"\d\d:\d\d:\d\d$", moment.text))


def seconds(text: str) -> int:
    hours, minutes_, rest = map(int, text.split(":"))
    return 3600 * hours + 60 * minutes_ + rest


def standing(stage: Stage):
    """monitor: the service's standing, and that of each component with its latency"""
    open_view(stage)
    stage.until(lambda: stage.one("#standing").text == "Healthy")
    parts = stage.until(lambda: [part.text for part in stage.all(".components li")])
    expect([part.split()[0] for part in parts] == ["Store", "Queue", "Storage"], parts)
    expect(all("up" in part for part in parts) and "sqlite" in parts[0], parts)
    expect(all(re.search(r"[\d.]+\s(ms|s)$", part) for part in parts), parts)
    expect(set(figures(stage)) >= {"Waiting", "In progress", "Delayed", "Dead letters", "Oldest waits"}, figures(stage))


def paused(stage: Stage):
    """monitor: a queue paused by click gives out no job until it is resumed; Escape leaves it as it is"""
    file = stage.upload(stage.picture("a.png"))["file_id"]
    open_view(stage)
    press(stage, "Pause")
    stage.until(lambda: stage.all("dialog[open]"))
    stage.press(Keys.ESCAPE)
    stage.until(lambda: not stage.all("dialog"))
    expect(stage.driver.switch_to.active_element.text == "Pause", "the focus is lost")

    press(stage, "Pause")
    agree(stage, "Pause")
    stage.until(lambda: stage.one("#standing").text == "Healthy, paused")
    time.sleep(NOTICED)
    job = develop(stage, file, wait=0)["job_id"]
    expect(status(stage, job, 4) == "queued", "it ran")
    stage.until(lambda: figures(stage)["Waiting"] == "1")
    press(stage, "Resume")
    stage.until(lambda: stage.one("#standing").text == "Healthy")
    expect(ended(stage, job) == "done", job)


CHECKS = [history, looked_at, standing, paused]
