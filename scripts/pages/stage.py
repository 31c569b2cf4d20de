"""What a check finds around it: a service, a browser that shows its page, pictures, and a server that has them."""

from __future__ import annotations

import base64
import contextlib
import functools
import http.server
import io
import json
import os
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import requests
from PIL import Image
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from clients.stage import expect, listening
from fleet.processes import Fleet

PATIENCE = 30  # seconds for what should take one

FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--window-size=1440,1043",
    "--force-device-scale-factor=1", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-extensions", "--lang=en-US",
]


class Stage:
    def __init__(self, fleet: Fleet, driver: webdriver.Chrome, folder: Path, pictures: str, answers: dict[str, bytes]):
        """
        :param folder: where the checks' files are, and where the browser saves what it downloads
        :param pictures: the URL of a server of `folder`
        :param answers: what that server says to a POST, by path
        """
        self.fleet, self.driver, self.folder, self.pictures, self.answers = fleet, driver, folder, pictures, answers
        self.process = fleet.start("serve")
        self.service = f"http://127.0.0.1:{self.process.port}"
        self.expected: set[str] = set()  # parts of the browser's reports that a check provokes

    # Pictures.

    def picture(self, name: str, width: int = 320, height: int = 240, seed: int = 1, **options: Any) -> Path:
        """A file with a picture that no codec makes very small; the name's ending is its format."""
        path = self.folder / name
        coarse = random.Random(seed).randbytes(16 * 12 * 3)
        image = Image.frombytes("RGB", (16, 12), coarse).resize((width, height), Image.Resampling.BICUBIC)
        image.save(path, **options)
        return path

    def broken(self, name: str = "broken.jpg") -> Path:
        """A JPEG that is good as far as its header goes."""
        path = self.picture(name, 800, 600)
        path.write_bytes(path.read_bytes()[:3000])
        return path

    # The page.

    def open(self, address: str = "/ui") -> None:
        self.driver.get(self.service + address)
        self.until(lambda: self.all("#presets button"))

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def button(self, words: str, within: str = "body") -> WebElement:
        """The button that shows exactly these words."""
        found = [button for button in self.all(f"{within} :is(button, a, [role=tab])") if button.text == words]
        expect(len(found) == 1, f"{len(found)} buttons “{words}” in {within}")
        return found[0]

    def script(self, text: str, *arguments: Any) -> Any:
        return self.driver.execute_script(text, *arguments)

    def until(self, holds: Callable[[], Any], seconds: float = PATIENCE) -> Any:
        """Waits until something holds, and returns what it is."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(StaleElementReferenceException):
                if found := holds():
                    return found
            time.sleep(0.03)
        raise AssertionError(f"it did not come to hold: {self.one('main').text[:1500]!r}")

    def pick(self, *paths: Path) -> None:
        self.one("#pick").send_keys("\n".join(map(str, paths)))

    def drop(self, *paths: Path) -> None:
        """As if the files were dragged from the desktop into the middle of the page."""
        for kind in ("dragEnter", "dragOver", "drop"):
            self.driver.execute_cdp_cmd("Input.dispatchDragEvent", {
                "type": kind, "x": 500, "y": 400,
                "data": {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}})

    def card(self, name: str, panel: str = "pictures") -> WebElement | None:
        cards = self.all(f"#{panel} .card")
        return next((card for card in cards if card.find_element(By.TAG_NAME, "h3").text == name), None)

    def ended(self, name: str, state: str = "done", panel: str = "pictures") -> WebElement:
        """The card, once it has come to this state."""
        def card() -> WebElement | None:
            found = self.card(name, panel)
            return found if found and found.get_attribute("data-state") == state else None

        return self.until(card)

    def use_preset(self, name: str) -> None:
        self.button(name, "#presets").click()

    def add_operation(self, label: str) -> None:
        self.one("#catalog summary").click()
        self.button(label, "#catalog").click()

    def chips(self) -> list[str]:
        return [chip.text for chip in self.all("#steps .chip")]

    def plan(self) -> dict[str, Any]:
        """The plan as the page shows it."""
        return json.loads(self.one("#json").get_property("textContent"))

    def press(self, *keys: str, alt: bool = False) -> None:
        actions = webdriver.ActionChains(self.driver)
        if alt:
            actions.key_down(Keys.ALT)
        actions.send_keys(*keys)
        if alt:
            actions.key_up(Keys.ALT)
        actions.perform()

    def downloaded(self, before: set[str]) -> Path:
        """The file that the browser saves beside those that were there."""
        folder = self.folder / "saved"
        return self.until(lambda: next((
            folder / name for name in self.saved() - before
            if not name.startswith(".") and not name.endswith(".crdownload")), None))

    def saved(self) -> set[str]:
        return set(os.listdir(self.folder / "saved"))

    def screenshot(self, element: WebElement) -> Image.Image:
        return Image.open(io.BytesIO(base64.b64decode(element.screenshot_as_base64))).convert("RGB")

    def emulate(self, **features: str) -> None:
        """Media features of the person at the screen: prefers_color_scheme="dark"."""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": name.replace("_", "-"), "value": value} for name, value in features.items()]})

    def resize(self, width: int, height: int) -> None:
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500})

    def expect_quiet(self) -> None:
        """The browser has reported no error, and above all no violation of the page's content security policy."""
        reports = [entry for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
        found = [entry["message"] for entry in reports if not any(part in entry["message"] for part in self.expected)]
        expect(not found, found)

    # The service, as programs see it.

    def upload(self, path: Path) -> dict[str, Any]:
        with path.open("rb") as file:
            return requests.post(f"{self.service}/upload", files={"file": file}, timeout=PATIENCE).json()

    def made(self, path: Path, plan: dict[str, Any]) -> bytes:
        """What the service makes of a file with a plan."""
        file = self.upload(path)["file_id"]
        job = requests.post(
            f"{self.service}/process/{file}", json=plan, headers={"Prefer": "wait=30"}, timeout=PATIENCE).json()
        expect(job.get("status") == "done", job)
        return requests.get(job["download_url"], timeout=PATIENCE).content


@contextlib.contextmanager
def stage(binary: Path, folder: Path, browser: Browser) -> Iterator[Stage]:
    """-> a stage in `folder`, of which nothing runs on afterwards"""
    files = folder / "files"
    (files / "saved").mkdir(parents=True)
    answers: dict[str, bytes] = {}
    with listening(functools.partial(Pictures, answers, directory=files)) as server:
        pictures = f"http://127.0.0.1:{server.server_port}"
        settings = {
            "FETCH_ALLOW_NETWORKS": "127.0.0.1/32", "FETCH_ALLOWED_PORTS": str(server.server_port),
            # What a killed process had is soon another's.
            "LEASE_SECONDS": "5"}
        with Fleet(binary, folder / "service", settings) as fleet, browser.tab(files / "saved") as driver:
            yield Stage(fleet, driver, files, pictures, answers)


class Browser:
    """One browser for many checks, since a start takes longer than most of them: each has a tab of its own, and finds no
    cookie. What pages store is theirs alone anyway, for each check's service has another port."""

    def __init__(self) -> None:
        self._profile: tempfile.TemporaryDirectory | None = None
        self._driver: webdriver.Chrome | None = None

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self._quit()

    @contextlib.contextmanager
    def tab(self, saved: Path) -> Iterator[webdriver.Chrome]:
        """
        :param saved: the folder for what is downloaded
        """
        try:
            driver = self._driver = self._driver or self._start()
            first = driver.current_window_handle
            driver.switch_to.new_window("tab")
            driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(saved)})
            yield driver
            webdriver.ActionChains(driver).reset_actions()
            driver.set_script_timeout(PATIENCE)
            for handle in driver.window_handles:
                if handle != first:
                    driver.switch_to.window(handle)
                    driver.close()
            driver.switch_to.window(first)
            driver.delete_network_conditions()
            driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
            driver.execute_cdp_cmd("Browser.resetPermissions", {})
            driver.get_log("browser")
        except BaseException:
            # Nobody knows what it is left with.
            self._quit()
            raise

    def _start(self) -> webdriver.Chrome:
        self._profile = tempfile.TemporaryDirectory()
        options = webdriver.ChromeOptions()
        options.binary_location = os.environ.get("TEST_CHROMIUM", "/usr/bin/chromium")
        for flag in (*FLAGS, f"--user-data-dir={self._profile.name}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        # Naming the driver keeps selenium from looking for one on the network.
        service = webdriver.ChromeService(os.environ.get("TEST_CHROMEDRIVER", "/usr/bin/chromedriver"))
        return webdriver.Chrome(options=options, service=service)

    def _quit(self) -> None:
        with contextlib.suppress(WebDriverException):
            if self._driver:
                self._driver.quit()
        if self._profile:
            self._profile.cleanup()
        self._driver = self._profile = None


class Pictures(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, and answers to a POST what the check has laid out."""

    def __init__(self, answers: dict[str, bytes], *arguments, **options):
        self.answers = answers
        super().__init__(*arguments, **options)

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        body = self.answers[self.path]
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def job_of(card: WebElement) -> str:
    """The job whose result a card offers."""
    href = card.find_element(By.CSS_SELECTOR, "a.button").get_attribute("href")
    return re.search(r"/download/([0-9a-f-]{36})", href)[1]
