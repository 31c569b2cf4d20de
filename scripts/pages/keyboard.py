"""The page by keyboard alone, and what is said to those who hear it."""

from __future__ import annotations

from selenium.webdriver.common.keys import Keys

from pages.stage import Stage, expect

RING = """
    const element = document.activeElement;
    // The input of the comparison and that of the files are invisible: their surroundings show where the focus is.
    const label = element.id === "pick" && document.querySelector("label[for=pick]");
    const places = [element, element.closest(".compare"), label];
    return places.filter(Boolean).some((place) => getComputedStyle(place).outlineStyle !== "none"
        && parseFloat(getComputedStyle(place).outlineWidth) >= 2);"""


def focused(stage: Stage) -> str:
    """What has the focus, by name."""
    return stage.script("""
        const element = document.activeElement;
        return element.getAttribute("aria-label") || element.id || element.textContent.trim();""")


def tab_to(stage: Stage, name: str):
    """Goes on with the Tab key until something of this name has the focus, whose ring is seen on the whole way."""
    for _ in range(80):
        stage.press(Keys.TAB)
        expect(stage.script(RING), f"no ring around {focused(stage)}")
        if focused(stage) == name:
            return
    raise AssertionError(f"the Tab key does not lead to {name}")


def whole_round(stage: Stage):
    """by keyboard alone: files, a plan, its order, the comparison, a download, and the views"""
    stage.open()
    stage.press(Keys.TAB)
    expect(focused(stage) == "Skip to the pictures", focused(stage))
    tab_to(stage, "pick")
    stage.driver.switch_to.active_element.send_keys(str(stage.picture("a.png", 640, 480)))
    stage.ended("a.png")

    tab_to(stage, "Sepia")
    stage.press(Keys.SPACE)
    expect(stage.chips() == ["Sepia 1"], stage.chips())
    tab_to(stage, "Add an operation")
    stage.press(Keys.ENTER)
    tab_to(stage, "Blur")
    stage.press(Keys.ENTER)
    expect(focused(stage) == "2. Blur 2" and stage.chips() == ["Sepia 1", "Blur 2"], (focused(stage), stage.chips()))
    stage.press(Keys.ARROW_LEFT, alt=True)
    expect(stage.chips() == ["Blur 2", "Sepia 1"] and focused(stage) == "1. Blur 2", (focused(stage), stage.chips()))
    stage.until(lambda: "Blur is number 1 of 2" in stage.one("#announcer").get_property("textContent"))
    tab_to(stage, "Intensity, slider")
    stage.press(Keys.ARROW_RIGHT)
    expect(stage.chips()[0] == "Blur 3", stage.chips())
    stage.one("#steps .chip:nth-child(2) .open").send_keys(Keys.DELETE)
    expect(stage.chips() == ["Blur 3"] and focused(stage) == "1. Blur 3", (focused(stage), stage.chips()))

    tab_to(stage, "apply")
    stage.press(Keys.ENTER)
    stage.ended("a.png")
    tab_to(stage, "Before and after, a.png")
    stage.press(Keys.END)
    line = stage.driver.switch_to.active_element
    expect(line.get_attribute("aria-valuetext") == "100 % before, 0 % after", "not moved")
    tab_to(stage, "Download a.png")
    before = stage.saved()
    stage.press(Keys.ENTER)
    stage.downloaded(before)
    tab_to(stage, "Remove a.png")
    stage.press(Keys.ENTER)
    expect(not stage.all(".card") and focused(stage) == "pick", focused(stage))

    stage.one("#tab-pictures").send_keys(Keys.ARROW_RIGHT)
    expect(focused(stage) == "tab-batches" and stage.one("#batches").is_displayed(), focused(stage))
    stage.press(Keys.END)
    expect(stage.one("#history").is_displayed() and not stage.one("#pictures").is_displayed(), focused(stage))
    stage.driver.back()
    stage.until(lambda: stage.one("#batches").is_displayed())


def told(stage: Stage):
    """ends and errors are announced, those of many in one sentence"""
    stage.open()
    stage.script("""
        window.said = [];
        new MutationObserver(() => said.push(document.getElementById("announcer").textContent))
            .observe(document.getElementById("announcer"), { childList: true });""")
    stage.expected |= {"415"}
    (stage.folder / "text.png").write_text("no picture")
    stage.pick(*(stage.picture(f"{number}.png", 30, 20, number) for number in range(12)), stage.folder / "text.png")
    stage.until(lambda: stage.one(".tally").text == "12 of 13 pictures done, 1 failed")
    stage.until(lambda: "text.png: This is no picture" in " ".join(stage.script("return said")))
    stage.until(lambda: sum(sentence.count("done") for sentence in stage.script("return said")))
    said = stage.script("return said")
    expect(len(said) < 10, said)


CHECKS = [whole_round, told]
