"""A CSV and its rows."""

from __future__ import annotations

import csv

import requests

from pages.stage import PATIENCE, Stage, expect


def rows(stage: Stage):
    """a CSV's rows come with their ends, those that failed first, and the result's CSV is the service's"""
    for name in ("lake.png", "hills.png"):
        stage.picture(name)
    sheet = stage.folder / "products.csv"
    named = "".join(f"{name.capitalize()},{stage.pictures}/{name}.png\n" for name in ("lake", "missing", "hills"))
    sheet.write_text(f"product_name,input_url\n{named}<b>Nowhere</b>,http://10.0.0.1/a.png\n", encoding="utf-8")
    stage.open()
    stage.use_preset("Thumbnail")
    stage.drop(sheet)
    stage.until(lambda: stage.one(".sheet").get_attribute("data-state") == "done")
    expect("2 of 4 pictures done, 2 failed" in stage.one(".sheet .state").text, stage.one(".sheet").text)
    found = [[cell.text for cell in row.find_elements("tag name", "td")] for row in stage.all(".sheet tbody tr")]
    order = [("3", "Missing"), ("5", "<b>Nowhere</b>"), ("2", "Lake"), ("4", "Hills")]
    expect([(row[0], row[2]) for row in found] == order, found)
    expect("404" in found[0][1] and "may not be asked" in found[1][1], found)

    before = stage.saved()
    stage.button("Result CSV").click()
    with stage.downloaded(before).open(encoding="utf-8", newline="") as file:
        report = list(csv.DictReader(file))
    expect([row["status"] for row in report] == ["complete", "failed", "complete", "failed"], report)
    before = stage.saved()
    stage.one('.sheet [aria-label="Download Lake"]').click()
    made = stage.downloaded(before).read_bytes()
    expect(made == requests.get(report[0]["output_url"], timeout=PATIENCE).content, "not the result")

    # The batch is in the address: it is there again after a reload.
    stage.driver.refresh()
    stage.until(lambda: stage.all(".sheet") and stage.one(".sheet").get_attribute("data-state") == "done")
    expect(len(stage.all(".sheet tbody tr")) == 4, stage.one(".sheet").text)


def plan_of_a_sheet(stage: Stage):
    """a CSV's pictures are made with the plan, its format and quality too"""
    stage.picture("lake.png", 500, 400)
    sheet = stage.folder / "one.csv"
    sheet.write_text(f"url\n{stage.pictures}/lake.png\n", encoding="utf-8")
    stage.open("/ui#transformations=resize:width=100&format=webp&quality=60&view=batches")
    stage.pick(sheet)
    stage.until(lambda: stage.one(".sheet").get_attribute("data-state") == "done")
    job = requests.get(f"{stage.service}/jobs", timeout=PATIENCE).json()["jobs"][0]
    expect((job["result"]["format"], job["result"]["width"]) == ("webp", 100), job)


def long_sheet(stage: Stage):
    """a CSV of a thousand rows shows a hundred, and more on demand"""
    stage.picture("dot.png", 4, 4)
    sheet = stage.folder / "long.csv"
    dots = "".join(f"Dot {line},{stage.pictures}/dot.png?{line % 7}\n" for line in range(1000))
    sheet.write_text(f"product_name,url\n{dots}", encoding="utf-8")
    stage.open("/ui#view=batches")
    stage.pick(sheet)
    stage.until(lambda: len(stage.all(".sheet tbody tr")) == 100)
    stage.until(lambda: stage.one(".sheet").get_attribute("data-state") == "done", 180)
    stage.button("Show more rows").click()
    expect(len(stage.all(".sheet tbody tr")) == 200, "not a hundred more")


def unusable_sheet(stage: Stage):
    """a CSV that cannot be used says what to change"""
    stage.expected.add("422")
    sheet = stage.folder / "broken.csv"
    sheet.write_text("name,price\nLake,3\n", encoding="utf-8")
    stage.open()
    stage.pick(sheet)
    stage.until(lambda: stage.one(".sheet").get_attribute("data-state") == "failed")
    expect("column" in stage.one(".sheet .state").text, stage.one(".sheet").text)


CHECKS = [rows, plan_of_a_sheet, long_sheet, unusable_sheet]
