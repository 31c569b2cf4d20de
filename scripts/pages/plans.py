"""The plan is made up, seen, shared and applied."""

from __future__ import annotations

import io
import json
import subprocess
import urllib.parse
from typing import Any

import requests
from PIL import Image, ImageChops, ImageStat
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from pages.stage import PATIENCE, Stage, expect, job_of

PRESETS = {
    "Thumbnail": {"operations": [{"type": "thumbnail", "size": 200}]},
    "Web": {
        "operations": [{"type": "resize", "width": 1600, "height": 1600, "fit": "inside", "enlarge": False}],
        "output": {"format": "webp", "quality": 80}},
    "Black and white": {"operations": [{"type": "grayscale"}]},
    "Sepia": {"operations": [{"type": "sepia", "intensity": 1}]},
    "Compress 50 %": {"operations": [{"type": "compress", "quality": 50}]},
}


def preset(name: str):
    def check(stage: Stage):
        path = stage.picture("a.jpg", 1800, 1350, quality=95)
        stage.open()
        stage.use_preset(name)
        expect_plan(stage, PRESETS[name])
        expect([button.text for button in stage.all("#presets [aria-pressed=true]")] == [name], "not pressed")
        stage.pick(path)
        job = job_of(stage.ended("a.jpg"))
        shown = requests.get(f"{stage.service}/download/{job}", timeout=PATIENCE).content
        expect(shown == stage.made(path, PRESETS[name]), "the page's result is another one than the plan's")

    check.__doc__ = f"the preset “{name}” makes what its plan says"
    return check


def expect_plan(stage: Stage, plan: dict[str, Any]):
    """The page shows this plan; what it leaves out has the service's defaults."""
    found = stage.plan()
    same = [one | other == one for one, other in zip(found["operations"], plan["operations"], strict=True)]
    expect(all(same) and found.get("output") == plan.get("output"), found)


def chips_by_hand(stage: Stage):
    """operations are added, changed, dragged into another order and removed, and the address follows"""
    stage.open("/ui#transformations=")
    for label in ("Blur", "Sepia", "Mirror"):
        stage.add_operation(label)
    expect(stage.chips() == ["Blur 2", "Sepia 1", "Mirror"], stage.chips())
    blur, _, mirror = stage.all("#steps .chip")
    actions = webdriver.ActionChains(stage.driver)
    actions.click_and_hold(blur).move_by_offset(10, 0).move_to_element(mirror).move_by_offset(20, 0)
    actions.release().perform()
    stage.until(lambda: stage.chips() == ["Sepia 1", "Mirror", "Blur 2"])

    stage.all("#steps .chip .open")[2].click()
    figure = stage.one('#step input[type="number"]')
    figure.clear()
    figure.send_keys("7.5")
    expect(stage.chips()[2] == "Blur 7.5", stage.chips())
    figure.clear()
    figure.send_keys("900")
    expect(stage.chips()[2] != "Blur 900" and figure.get_attribute("aria-invalid") == "true", stage.chips())
    figure.clear()
    figure.send_keys("7.5")
    slider = stage.one('#step input[type="range"]')
    slider.send_keys(Keys.ARROW_RIGHT)
    expect(stage.chips()[2] == "Blur 8.5", stage.chips())
    stage.one('[aria-label="Remove Mirror"]').click()
    expect(stage.chips() == ["Sepia 1", "Blur 8.5"], stage.chips())
    address = urllib.parse.unquote(stage.driver.current_url.partition("#")[2])
    expect(address == "transformations=sepia:intensity=1,blur:intensity=8.5", address)


def shared_address(stage: Stage):
    """a plan's address shows the same plan to others, in the short form of the documents too"""
    stage.open(
        "/ui#transformations=resize:width=640:height=:fit=inside:enlarge=true,tint:color=336699:intensity=0.5"
        "&format=png&background=%23ff0000")
    plan = {
        "operations": [
            {"type": "resize", "width": 640, "fit": "inside", "enlarge": True},
            {"type": "tint", "color": "#336699", "intensity": 0.5}],
        "output": {"format": "png", "background": "#ff0000"}}
    expect_plan(stage, plan)
    address = stage.driver.current_url
    stage.driver.get("about:blank")
    stage.driver.get(address)
    stage.until(lambda: stage.chips() == ["Resize 640 × auto inside", "Tint #336699 0.5"])
    expect_plan(stage, plan)
    # Another address in the same page, as when somebody follows a link.
    stage.driver.get(stage.service + "/ui#transformations=crop:10:20:300x200,blur:2.5,rotate:90")
    stage.until(lambda: stage.chips() == ["Crop 300 × 200 10 20", "Blur 2.5", "Rotate 90"])


def unusable_plan(stage: Stage):
    """a plan that does not fit a picture says so in the preview and on the card, and can be tried again"""
    stage.expected |= {"422"}
    stage.open("/ui#transformations=crop:width=10:height=10:x=5000:y=0")
    stage.pick(stage.picture("a.png"))
    card = stage.ended("a.png", "failed")
    expect("The plan does not fit this picture" in card.text and "320 wide" in card.text, card.text)
    stage.until(lambda: "320 wide" in stage.one("#preview .frame p").text)
    stage.use_preset("Sepia")
    stage.button("Try again", "#pictures").click()
    stage.ended("a.png")


def apply_again(stage: Stage):
    """another plan is applied to the pictures that are there, without another upload"""
    stage.open()
    stage.pick(stage.picture("a.png", 900, 600), stage.picture("b.png", 600, 900, 2))
    for name in ("a.png", "b.png"):
        stage.ended(name)
    expect(not stage.one("#apply").is_displayed(), "there is nothing to apply")
    stage.use_preset("Thumbnail")
    stage.until(lambda: stage.one("#apply").text == "Apply to 2 pictures")
    stage.one("#apply").click()
    for name, sizes in (("a.png", "900×600 → 200×133"), ("b.png", "600×900 → 133×200")):
        stage.until(lambda name=name, sizes=sizes: sizes in stage.card(name).text)
    stage.until(lambda: not stage.one("#apply").is_displayed())
    files = requests.get(f"{stage.service}/list", timeout=PATIENCE).json()["files"]
    expect(len(files) == 2, files)


CLIPBOARD = "const done = arguments[0]; navigator.clipboard.readText().then(done, (error) => done(String(error)));"


def copied(stage: Stage):
    """the plan as curl runs, and makes the same"""
    stage.open("/ui#transformations=resize:width=300,sepia:intensity=0.5&format=webp&quality=70")
    folder = stage.folder / "curl"
    folder.mkdir()
    path = stage.picture("curl/picture.jpg", 800, 600)
    command = stage.one("#curl").get_property("textContent")
    ended = subprocess.run(
        ["bash", "-euc", command], cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)
    expect(ended.returncode == 0, ended)
    expect((folder / "picture.webp").read_bytes() == stage.made(path, stage.plan()), "curl made something else")

    stage.driver.execute_cdp_cmd("Browser.grantPermissions", {
        "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": stage.service})
    stage.one(".share summary").click()
    texts = {
        "link": stage.driver.current_url, "curl": command, "json": json.dumps(stage.plan(), separators=(",", ":"))}
    for name, text in texts.items():
        stage.one(f"#copy-{name}").click()
        stage.until(lambda text=text: stage.driver.execute_async_script(CLIPBOARD) == text)


def preview_by_the_browser(stage: Stage):
    """what the preview makes with CSS looks as the service makes it"""
    stage.open()
    path = stage.picture("a.png", 320, 200)
    stage.pick(path)
    stage.ended("a.png")
    for steps in (
            "sepia:intensity=0.7", "invert:intensity=0.4", "saturate:intensity=1.8", "brightness:intensity=1.3",
            "contrast:intensity=1.4", "hue_rotate:intensity=120", "flip,flop,sepia:intensity=1,contrast:intensity=1.2"):
        stage.driver.get(f"{stage.service}/ui#transformations={steps}")
        image = stage.one("#preview img")
        stage.until(lambda: stage.plan()["operations"] and not stage.all(".frame.stale"))
        filters = stage.script("return arguments[0].style.filter", image)
        expect(filters or steps.startswith("flip"), f"{steps} is left to the service")
        shown = settled(stage)
        made = Image.open(io.BytesIO(stage.made(path, {"transformations": steps.split(",")})))
        made = made.convert("RGB").resize(shown.size)
        # The preview is a WebP, whose own error an operation may double; another operation would be off by much more.
        difference = ImageStat.Stat(ImageChops.difference(shown, made)).mean
        expect(max(difference) < 5, (steps, difference))


def preview_of_transparency(stage: Stage):
    """where a picture is transparent the preview shows what the format makes of it, untouched by filters"""
    path = stage.folder / "clear.png"
    image = Image.new("RGBA", (320, 200), (0, 0, 0, 0))
    image.paste((0, 0, 255, 255), (160, 0, 320, 200))
    image.save(path)
    stage.open("/ui#transformations=invert:intensity=1&format=jpeg&background=%23102030")
    stage.pick(path)
    stage.ended("clear.png")
    stage.until(lambda: stage.one("#preview img").is_displayed() and not stage.all(".frame.stale"))
    shown = settled(stage)
    left, right = (shown.getpixel((shown.width * part // 4, shown.height // 2)) for part in (1, 3))
    expect(max(abs(one - other) for one, other in zip(left, (16, 32, 48))) < 4, left)
    expect(max(abs(one - other) for one, other in zip(right, (255, 255, 0))) < 12, right)


def settled(stage: Stage) -> Image.Image:
    """The preview, once it looks the same twice."""
    image = stage.one("#preview img")
    before = None
    while before is None or ImageChops.difference(before, now).getbbox():
        before, now = stage.screenshot(image), stage.screenshot(image)
    return now


def every_operation(stage: Stage):
    """every operation of the service is there, and the service can do it as it is added, or once it has its file"""
    schemas = requests.get(f"{stage.service}/openapi.json", timeout=PATIENCE).json()["components"]["schemas"]
    names = {
        name: reference.rpartition("/")[2] for name, reference in schemas["Step"]["discriminator"]["mapping"].items()}
    stage.open("/ui#transformations=")
    stage.pick(stage.picture("a.png", 640, 480))
    stage.ended("a.png", "kept")
    expect(len(stage.all("#catalog li")) == len(names), names)
    for index, name in enumerate(names):
        stage.one("#catalog summary").click()
        stage.all("#catalog li button")[index].click()
        plan = stage.plan()
        expect([step["type"] for step in plan["operations"]] == [name], plan)
        for field in stage.all("#step .control.file input"):
            stage.until(lambda: "needs its file" in stage.one("#preview .frame p").text)
            field.send_keys(requests.get(f"{stage.service}/list", timeout=PATIENCE).json()["files"][0]["file_id"])
        stage.until(lambda: not stage.all(".frame.stale"))
        expect(not stage.all(".frame.impossible"), (name, stage.one(".frame p").text))
        described = schemas[names[name]]["properties"].keys() - {"type"}
        expect(len(stage.all("#step .control")) == len(described), (name, described))
        stage.one("#steps .open").send_keys(Keys.DELETE)


CHECKS = [
    *(preset(name) for name in PRESETS), chips_by_hand, shared_address, unusable_plan, apply_again, copied,
    preview_by_the_browser, preview_of_transparency, every_operation,
]
