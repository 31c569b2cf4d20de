"""What was before is listed, page by page."""

from __future__ import annotations

import requests
from selenium.webdriver.support.ui import Select

from pages.stage import PATIENCE, Stage, expect


def paged(stage: Stage):
    """earlier files come page by page, and one is used again and deleted"""
    path = stage.picture("a.png")
    for number in range(30):
        path = path.rename(stage.folder / f"{number}.png")
        stage.upload(path)
    stage.open("/ui#view=history")
    files = '#history ul[aria-label="Earlier files"] > li'
    stage.until(lambda: len(stage.all(files)) == 24)
    expect(stage.all(f"{files} strong")[0].text == "29.png", stage.all(files)[0].text)
    stage.button("Show more", "#history section:first-child").click()
    stage.until(lambda: len(stage.all(files)) == 30)
    expect(stage.driver.switch_to.active_element.get_attribute("aria-label") == "Use 5.png", "the focus is lost")
    more = [button.text for button in stage.all("#history section:first-child button") if button.text == "Show more"]
    expect(not more, "there is no more")

    stage.script("scrollTo(0, 0)")
    stage.one('[aria-label="Use 29.png"]').click()
    stage.ended("29.png")
    stage.button("History").click()
    stage.until(lambda: len(stage.all(files)) == 24)
    stage.one('[aria-label="Delete 28.png"]').click()
    stage.driver.switch_to.alert.accept()
    stage.until(lambda: len(stage.all(files)) == 23)
    listed = requests.get(f"{stage.service}/list?limit=100", timeout=PATIENCE).json()["files"]
    expect("28.png" not in [file["filename"] for file in listed], listed)


def jobs(stage: Stage):
    """earlier jobs tell their operations and ends, and can be narrowed to a state"""
    good, broken = stage.upload(stage.picture("a.png")), stage.upload(stage.broken())
    for file in (good, broken):
        requests.post(
            f"{stage.service}/process/{file['file_id']}", json={"operation": "blur", "intensity": 3, "format": "png"},
            headers={"Prefer": "wait=20"}, timeout=PATIENCE)
    stage.expected.add("422")  # a thumbnail of what is broken
    stage.open("/ui#view=history")
    rows = '#history ul[aria-label="Earlier jobs"] > li'

    def texts() -> list[str]:
        return [row.text for row in stage.all(rows)]

    stage.until(lambda: any("Blur 3" in text and "PNG · 320×240" in text for text in texts()))
    Select(stage.one("#history select")).select_by_visible_text("failed")
    stage.until(lambda: stage.all(rows) and all(text.startswith("failed") for text in texts()))
    expect(any("The picture is cut off" in text for text in texts()), texts())


CHECKS = [paged, jobs]
