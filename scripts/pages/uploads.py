"""Files come in, are made, compared and downloaded."""

from __future__ import annotations

import requests
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from pages.stage import PATIENCE, Stage, expect, job_of


def dropped_pictures(stage: Stage):
    """three pictures and a broken one dropped: each ends, is compared, and is downloaded as the service has it"""
    names = ["lake.jpg", "hills.png", "wood.webp"]
    paths = [stage.picture(name, 1200, 900, seed, quality=98) for seed, name in enumerate(names)]
    stage.open()
    stage.use_preset("Compress 50 %")
    stage.drop(*paths, stage.broken())
    stage.expected.add("422")  # Neither can a thumbnail be made of what is broken.

    broken = stage.ended("broken.jpg", "failed")
    expect("This picture is broken" in broken.text and "Try again" in broken.text, broken.text)
    for path in paths:
        card = stage.ended(path.name)
        made = requests.get(f"{stage.service}/download/{job_of(card)}", timeout=PATIENCE).content
        sizes = card.find_element(By.CLASS_NAME, "state").text
        expect(figure(path.stat().st_size) in sizes and figure(len(made)) in sizes, sizes)
        smaller = round(100 * (1 - len(made) / path.stat().st_size))
        expect(f"{smaller} % smaller" in sizes or (smaller == 0 and "same size" in sizes), (smaller, sizes))
        before = stage.saved()
        card.find_element(By.LINK_TEXT, "Download").click()
        saved = stage.downloaded(before)
        expect(saved.read_bytes() == made and saved.stem == path.stem, saved)
    expect(stage.one(".tally").text == "3 of 4 pictures done, 1 failed", stage.one(".tally").text)


def figure(size: int) -> str:
    """A number of bytes as the page writes it."""
    if size < 1000:
        return f"{size} B"
    kilobytes = size / 1000
    return f"{f'{kilobytes:.1f}'.removesuffix('.0') if kilobytes < 100 else round(kilobytes)} kB"


def comparison(stage: Stage):
    """the comparison's line is moved with the keys, and both pictures are there"""
    stage.open()
    stage.use_preset("Black and white")
    stage.pick(stage.picture("a.png"))
    card = stage.ended("a.png")
    stage.until(lambda: are_shown(stage, card))
    line = card.find_element(By.CSS_SELECTOR, ".compare input")
    line.send_keys(Keys.HOME, *[Keys.ARROW_RIGHT] * 20)
    expect(line.get_attribute("aria-valuetext") == "20 % before, 80 % after", line.get_attribute("aria-valuetext"))
    shown = stage.screenshot(card.find_element(By.CLASS_NAME, "compare"))

    def colorful(x: int) -> bool:
        """Whether this part of the width has colours."""
        strip = shown.crop((x, shown.height // 3, x + 20, shown.height // 2)).resize((1, 1)).getpixel((0, 0))
        return max(strip) - min(strip) > 3

    expect(colorful(20) and not colorful(shown.width - 100), "the sides of the line are not before and after")


def are_shown(stage: Stage, card: WebElement) -> bool:
    """Whether the browser has both pictures of the comparison."""
    pictures = card.find_elements(By.CSS_SELECTOR, ".compare img")
    return len(pictures) == 2 and all(stage.script("return arguments[0].naturalWidth", picture) for picture in pictures)


def unknown_to_browsers(stage: Stage):
    """a TIFF, which browsers do not know, is seen all the same, before and after"""
    stage.open("/ui#transformations=resize:width=100")
    stage.pick(stage.picture("a.tif", 300, 200))
    card = stage.ended("a.tif")
    expect("TIFF · 300×200 → 100×67" in card.text, card.text)
    stage.until(lambda: are_shown(stage, card))


def progress(stage: Stage):
    """a slow upload shows its thumbnail at once, and its bytes as they go"""
    stage.open()
    path = stage.picture("slow.bmp", 640, 480)
    stage.driver.set_network_conditions(offline=False, latency=5, download_throughput=-1, upload_throughput=400_000)
    stage.pick(path)
    card = stage.until(lambda: stage.card("slow.bmp"))
    stage.until(lambda: "Uploading " in card.text and " kB of 922 kB" in card.text)
    thumbnail = card.find_element(By.TAG_NAME, "img")
    expect(stage.script("return arguments[0].naturalWidth", thumbnail) == 640, "no thumbnail")
    meter = card.find_element(By.TAG_NAME, "progress")
    first = float(meter.get_attribute("value"))
    stage.until(lambda: float(meter.get_attribute("value") or 1) > first)
    stage.driver.delete_network_conditions()
    stage.ended("slow.bmp")


def refused(stage: Stage):
    """what the service refuses is told of in plain words"""
    stage.open()
    (stage.folder / "text.png").write_text("no picture")
    (stage.folder / "empty.jpg").write_bytes(b"")
    (stage.folder / "large.bmp").write_bytes(stage.picture("large.bmp", 64, 64).read_bytes() + bytes(11 << 20))
    stage.expected |= {"413", "415", "422"}
    stage.pick(*(stage.folder / name for name in ("text.png", "empty.jpg", "large.bmp")))
    for name, words in (
            ("text.png", "This is no picture that can be read here"), ("empty.jpg", "This file is empty"),
            ("large.bmp", "This file is too large")):
        card = stage.ended(name, "failed")
        expect(words in card.text, card.text)
    # Another try of the same file is another request, whose answer may be better one day.
    stage.button("Try again", "#pictures .card:nth-child(1)").click()
    stage.ended("text.png", "failed")
    stage.one('[aria-label="Remove text.png"]').click()
    expect(stage.card("text.png") is None and len(stage.all(".card")) == 2, "it is still there")


def pasted(stage: Stage):
    """a picture that is pasted is taken like one that is dropped"""
    stage.open()
    stage.script("""
        const canvas = Object.assign(document.createElement("canvas"), { width: 90, height: 60 });
        canvas.getContext("2d").fillRect(0, 0, 45, 60);
        canvas.toBlob((blob) => {
          const clipboardData = new DataTransfer();
          clipboardData.items.add(new File([blob], "image.png", { type: "image/png" }));
          document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
        });""")
    card = stage.ended("image.png")
    expect("90×60" in card.text, card.text)


def folder(stage: Stage):
    """a folder that is dropped brings the pictures in it and below it"""
    (stage.folder / "trip/day two").mkdir(parents=True)
    for name in ("trip/a.png", "trip/day two/b.png"):
        stage.picture(name, 60, 40)
    stage.open()
    stage.drop(stage.folder / "trip")
    for name in ("a.png", "b.png"):
        stage.ended(name)


def canceled(stage: Stage):
    """a picture that waits is canceled, and tried again later"""
    # So much work that the last one waits.
    stage.open("/ui#transformations=" + ",".join(["median:size=15"] * 2))
    stage.pick(*(stage.picture(f"{number}.jpg", 3000, 2000, number) for number in range(6)))
    card = stage.ended("5.jpg", "queued")
    stage.until(lambda: stage.button("Cancel", "#pictures .card:nth-child(6)")).click()
    card = stage.ended("5.jpg", "failed")
    expect("Canceled" in card.text, card.text)
    stage.use_preset("Thumbnail")
    stage.button("Try again", "#pictures").click()
    stage.ended("5.jpg")


def name_that_is_html(stage: Stage):
    """a file name that is HTML stays text, on the card and in the history"""
    name = '"><img src=x onerror=document.title=1>&lt;b&gt;.png'
    stage.open()
    stage.pick(stage.picture("plain.png").rename(stage.folder / name))
    card = stage.ended(name)
    expect(card.find_element(By.TAG_NAME, "h3").text == name, card.text)
    stage.button("History").click()
    stage.until(lambda: any("img src=x" in row.text for row in stage.all("#history strong")))
    expect(stage.driver.title == "Tintype" and not stage.all('img[src="x"]'), "the name became markup")


def many(stage: Stage):
    """a hundred pictures: three uploads at once, one stream, few questions, and a page that stays fluid"""
    stage.open()
    paths = [stage.picture(f"{number}.png", 40, 30, number) for number in range(100)]
    stage.script("""
        performance.setResourceTimingBufferSize(5000);
        window.slowest = 0;
        let last = performance.now();
        (function frame() {
          const now = performance.now();
          window.slowest = Math.max(window.slowest, now - last);
          last = now;
          requestAnimationFrame(frame);
        })();""")
    stage.pick(*paths)
    stage.until(lambda: stage.one(".tally").text == "100 of 100 pictures done", 120)
    requested = stage.script("""return performance.getEntriesByType("resource").map(({name, startTime, responseEnd}) =>
        ({path: new URL(name).pathname, startTime, responseEnd}))""")
    uploads = [entry for entry in requested if entry["path"] == "/upload"]
    expect(len(uploads) == 100, len(uploads))
    together = max(
        sum(other["startTime"] <= entry["startTime"] < other["responseEnd"] for other in uploads) for entry in uploads)
    expect(together <= 3, f"{together} uploads at once")
    questions = [entry for entry in requested if entry["path"] == "/status"]
    expect(len(questions) < 60, f"{len(questions)} questions")
    slowest = stage.script("return window.slowest")
    expect(slowest < 1000, f"a frame took {slowest:.0f} ms")


CHECKS = [
    dropped_pictures, comparison, unknown_to_browsers, progress, refused, pasted, folder, canceled, name_that_is_html,
    many,
]
