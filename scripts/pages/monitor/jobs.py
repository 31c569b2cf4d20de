"""Jobs, their stories, dead letters, batches and webhooks."""

from __future__ import annotations

import json
import re
import time

import requests
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from pages.monitor.view import (
    NOTICED, agree, develop, develop_url, elsewhere, ended, note, open_view, press, row, status, table, title)
from pages.stage import PATIENCE, Stage, expect

PLAN = {"operations": [{"type": "resize", "width": 120}, {"type": "blur", "intensity": 2}], "output": {"format": "png"}}


def part(stage: Stage, name: str) -> str:
    """The text of a part of the story."""
    return stage.one(f".story-{name}").text


def tries(stage: Stage) -> list[str]:
    return [row.text for row in stage.all(".story-tries tbody tr")]


def listed(stage: Stage):
    """monitor: jobs are listed as they come, narrowed to a state and a kind by the address, page by page, and found by id"""
    stage.expected.add("422")  # A thumbnail of what is broken.
    file = stage.upload(stage.picture("a.png", 40, 30))["file_id"]
    broken = develop(stage, stage.upload(stage.broken())["file_id"])["job_id"]
    open_view(stage, "jobs")
    row(stage, broken, "failed")
    # What comes while the page is open.
    jobs = [develop(stage, file, {"operation": "blur", "intensity": 1 + number / 10})["job_id"] for number in range(60)]
    row(stage, jobs[-1], "done")
    expect(len(table(stage)) == 50, len(table(stage)))
    press(stage, "Show more")
    stage.until(lambda: len(table(stage)) == 61)
    focused = stage.driver.switch_to.active_element
    expect(focused.find_element(By.XPATH, "./ancestor::tr").get_attribute("data-id") == jobs[-51], "the focus is lost")

    Select(stage.one("[data-filter=status]")).select_by_value("failed")
    stage.until(lambda: list(table(stage)) == [broken])
    expect("The picture is cut off" in table(stage)[broken], table(stage))
    stage.driver.refresh()
    stage.until(lambda: list(table(stage)) == [broken])
    Select(stage.one("[data-filter=kind]")).select_by_value("webhook")
    stage.until(lambda: not table(stage) and "No such jobs." in stage.one("main").text)
    stage.driver.back()
    stage.until(lambda: list(table(stage)) == [broken])

    search = stage.one("main input[type=search]")
    search.send_keys("12345", Keys.ENTER)
    stage.until(lambda: "An id has 36 characters" in stage.one("#search-note").text)
    search.clear()
    search.send_keys(f"https://example.com/status/{jobs[0]} ", Keys.ENTER)
    stage.until(lambda: title(stage) == "Job" and stage.all(".story-head .badge"))
    expect(jobs[0] in part(stage, "head") and "done" in part(stage, "head"), part(stage, "head"))


def story(stage: Stage):
    """monitor: a job's story tells its plan, shows both pictures, and where the time of its try went"""
    job = develop(stage, stage.upload(stage.picture("a.png"))["file_id"], PLAN)["job_id"]
    open_view(stage, "jobs")
    row(stage, job, "done").find_element(By.TAG_NAME, "a").click()
    stage.until(lambda: title(stage) == "Job" and tries(stage))
    expect(stage.script("return document.activeElement.textContent") == "Job", "the focus does not follow")
    words = part(stage, "plan")
    expect("Resize" in words and "120 × auto" in words and "Blur" in words and "format png" in words, words)
    plan = json.loads(stage.one(".story-plan pre").get_property("textContent"))
    expect([step["type"] for step in plan["operations"]] == ["resize", "blur"], plan)
    expect(plan["output"]["format"] == "png", plan)
    stage.until(lambda: sum(stage.script("return arguments[0].naturalWidth > 0", image)
                            for image in stage.all(".story-pictures img")) == 2)
    expect("PNG · 120×90" in part(stage, "facts"), part(stage, "facts"))
    (only,) = tries(stage)
    expect("done" in only, only)
    parts = [text.split()[0] for text in texts(stage, ".story-tries .parts li")]
    expect(parts == ["Fetch", "Decode", "Operations", "Encode", "Put"], parts)
    expect(len(stage.all(".story-tries .stack .piece")) == 5, "no bar")
    # The address is the story's own.
    stage.driver.refresh()
    stage.until(lambda: len(tries(stage)) == 1)


def texts(stage: Stage, selector: str) -> list[str]:
    return [element.text for element in stage.all(selector)]


def story_of_failure(stage: Stage):
    """monitor: a failing job's story has each try with its error, and a retry by click that succeeds"""
    stage.expected.add("404")
    with elsewhere(stage, JOB_MAX_ATTEMPTS="2") as place:
        place.is_well = False
        job = develop_url(stage, f"{place.url}/a.png")
        open_view(stage, f"job&id={job}")
        stage.until(lambda: "failed" in part(stage, "head") and len(tries(stage)) == 2, 2 * PATIENCE)
        first, second = tries(stage)
        expect("retried" in first and "503" in first and "failed" in second and "503" in second, (first, second))
        expect("may succeed another time" in part(stage, "head"), part(stage, "head"))
        expect(f"{place.url}/a.png" in part(stage, "facts"), part(stage, "facts"))
        place.is_well = True
        press(stage, "Retry")
        stage.until(lambda: "done" in part(stage, "head") and len(tries(stage)) == 3)
        expect("done" in tries(stage)[2], tries(stage))
        expect("runs again" in note(stage), note(stage))


def canceled(stage: Stage):
    """monitor: a job that waits is canceled in its story"""
    answer = requests.post(f"{stage.service}/queue/pause", timeout=PATIENCE)
    expect(answer.json() == {"paused": True}, answer.text)
    time.sleep(NOTICED)
    job = develop(stage, stage.upload(stage.picture("a.png"))["file_id"], wait=0)["job_id"]
    open_view(stage, f"job&id={job}")
    stage.until(lambda: "queued" in part(stage, "head"))
    press(stage, "Cancel", stage.one(".story-head"))
    agree(stage, "Cancel the job")
    stage.until(lambda: "canceled" in part(stage, "head"))
    expect(status(stage, job) == "canceled", status(stage, job))


def dead_letters(stage: Stage):
    """monitor: dead letters are retried and deleted one by one, and all of them"""
    with elsewhere(stage, JOB_MAX_ATTEMPTS="1") as place:
        place.is_well = False
        failing = [develop_url(stage, f"{place.url}/{number}.png") for number in range(5)]
        broken = develop(stage, stage.upload(stage.broken())["file_id"])["job_id"]
        for job in failing:
            expect(ended(stage, job) == "failed", job)
        open_view(stage, "dead")
        stage.until(lambda: set(table(stage)) == {*failing, broken})
        expect("undecodable_image" in table(stage)[broken] and "503" in table(stage)[failing[0]], table(stage))
        stage.until(lambda: stage.one("#dead-count").text == "6")

        place.is_well = True
        press(stage, "Retry", row(stage, failing[0]))
        stage.until(lambda: failing[0] not in table(stage))
        expect(ended(stage, failing[0]) == "done", failing[0])
        press(stage, "Delete", row(stage, failing[1]))
        agree(stage, "Delete")
        stage.until(lambda: failing[1] not in table(stage))
        letters = requests.get(f"{stage.service}/dead-letters", timeout=PATIENCE).json()["dead_letters"]
        expect({letter["job_id"] for letter in letters} == {*failing[2:], broken}, letters)

        press(stage, "Retry all")
        agree(stage, "Retry all")
        stage.until(lambda: note(stage) == "3 jobs retried, 1 left as they are")
        stage.until(lambda: list(table(stage)) == [broken])
        for job in failing[2:]:
            expect(ended(stage, job) == "done", job)
        press(stage, "Delete all")
        stage.until(lambda: stage.all("dialog[open]"))
        press(stage, "Cancel", stage.one("dialog[open]"))
        expect(list(table(stage)) == [broken], table(stage))
        press(stage, "Delete all")
        agree(stage, "Delete all")
        stage.until(lambda: note(stage) == "1 job deleted")
        stage.until(lambda: "No dead letters." in stage.one("main").text)
        left = requests.get(f"{stage.service}/dead-letters", timeout=PATIENCE).json()["dead_letters"]
        expect(left == [], left)


def many_dead(stage: Stage):
    """monitor: more dead letters than one page are all deleted, with one click and one question"""
    with elsewhere(stage, JOB_MAX_ATTEMPTS="1") as place:
        place.is_well = False
        jobs = [develop_url(stage, f"{place.url}/{number}.png") for number in range(120)]
        for job in jobs:
            expect(ended(stage, job) == "failed", job)
        open_view(stage, "dead")
        stage.until(lambda: len(table(stage)) == 50)
        press(stage, "Delete all")
        agree(stage, "Delete all")
        stage.until(lambda: note(stage) == "120 jobs deleted")
        stage.until(lambda: "No dead letters." in stage.one("main").text)


def webhooks(stage: Stage):
    """monitor: a webhook's delivery is listed with its receiver, and its story has what was posted"""
    with elsewhere(stage) as place:
        file = stage.upload(stage.picture("a.png"))["file_id"]
        job = develop(stage, file, {"operation": "grayscale", "webhook_url": f"{place.url}/hook"})["job_id"]
        stage.until(lambda: place.posted)
        open_view(stage, "webhooks")
        name = stage.until(lambda: next(iter(table(stage)), None))
        text = row(stage, name, "done").text
        expect(place.url in text and f"job …{job[-8:]}" in text, text)
        row(stage, name).find_element(By.TAG_NAME, "a").click()
        stage.until(lambda: title(stage) == "Job" and stage.all(".story-body pre") and tries(stage))
        shown = json.loads(stage.one(".story-body pre").get_property("textContent"))
        expect(shown == json.loads(place.posted[0]) and shown["job_id"] == job, shown)
        expect(place.url in part(stage, "body") and "Webhook" in part(stage, "head"), part(stage, "body"))
        expect(any("done" in one for one in tries(stage)), tries(stage))


def failing_webhook(stage: Stage):
    """monitor: a delivery that fails says why, when it is tried next, and what would be posted"""
    with elsewhere(stage) as place:
        place.is_well = False
        file = stage.upload(stage.picture("a.png"))["file_id"]
        develop(stage, file, {"operation": "grayscale", "webhook_url": f"{place.url}/hook"})
        stage.until(lambda: place.posted)
        open_view(stage, "webhooks&status=queued")
        text = stage.until(lambda: next((text for text in table(stage).values() if "503" in text), None))
        expect(re.search(r"in \d| ago", text), text)
        name = next(iter(table(stage)))
        open_view(stage, f"job&id={name}")
        stage.until(lambda: stage.all(".story-body pre") and any("retried" in one for one in tries(stage)))
        expect(json.loads(stage.one(".story-body pre").get_property("textContent")) == json.loads(place.posted[0]), "not it")


def batches(stage: Stage):
    """monitor: a CSV is listed with its progress and failures, and leads to its result and its jobs"""
    stage.picture("lake.png")
    sheet = stage.folder / "two.csv"
    sheet.write_text(f"product_name,url\nLake,{stage.pictures}/lake.png\nNo,{stage.pictures}/no.png\n", encoding="utf-8")
    batch = stage.upload(sheet)["batch_id"]
    open_view(stage, "batches")
    text = row(stage, batch, "complete").text
    expect("2 of 2 pictures" in text, text)
    expect(row(stage, batch).find_element(By.CLASS_NAME, "reason").text == "1", text)
    before = stage.saved()
    press(stage, "CSV", row(stage, batch))
    expect("Lake" in stage.downloaded(before).read_text(encoding="utf-8"), "not its result")
    press(stage, "Jobs", row(stage, batch))
    stage.until(lambda: title(stage) == "Jobs" and len(table(stage)) == 2)
    expect(sorted(row.get_attribute("data-state") for row in stage.all("main tr[data-id]")) == ["done", "failed"], table(stage))


def hostile(stage: Stage):
    """monitor: what strangers name stays text: a URL, a webhook's body, an address"""
    evil = "<img src=x onerror=document.title=1>"
    stage.expected |= {"404", "422", "400"}
    with elsewhere(stage) as place:
        place.picture = b"<script>document.title = 1</script>"
        answer = requests.post(
            f"{stage.service}/api/v1/images/process", timeout=PATIENCE,
            json={"imageUrl": f"{place.url}/a.png?{evil}", "transformations": ["grayscale"], "webhook_url": f"{place.url}/hook"})
        if answer.status_code == 202:
            job = answer.json()["jobId"]
            expect(ended(stage, job) == "failed", job)
            stage.until(lambda: place.posted)
            open_view(stage, f"job&id={job}")
            stage.until(lambda: "onerror" in part(stage, "facts"))
        for view in (f"job&id={evil}", f"jobs&status={evil}", f"jobs&batch_id={evil}", f"webhooks&status={evil}"):
            open_view(stage, view)
            stage.until(lambda: any(text for text in texts(stage, "main .note")) or table(stage))
        for view in ("jobs", "dead", "webhooks", "settings", "workers", "overview"):
            open_view(stage, view)
            stage.until(lambda: stage.one("main").text)
        expect(stage.driver.title == "Overview · Tintype monitor", stage.driver.title)
        expect(not stage.all('img[src="x"], main script'), "what was named became markup")


CHECKS = [
    listed, story, story_of_failure, canceled, dead_letters, many_dead, webhooks, failing_webhook, batches, hostile,
]
