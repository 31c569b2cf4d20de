"""What the checks of this page have in common: its views, what they show, and servers elsewhere that a check has its way with."""

from __future__ import annotations

import contextlib
import functools
import http.server
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import requests
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from clients.stage import listening
from pages.stage import PATIENCE, Stage, expect

VIEWS = ("overview", "workers", "jobs", "dead", "batches", "webhooks", "settings")
NOTICED = 5.5  # seconds until each worker has noticed an order


def open_view(stage: Stage, view: str = "overview") -> None:
    """Goes to a view by its address: `jobs&status=failed`."""
    stage.driver.get(f"{stage.service}/monitor#view={view}")
    stage.until(lambda: stage.all("body.in main h2"))


def title(stage: Stage) -> str:
    return stage.one("main h2").text


def table(stage: Stage) -> dict[str, str]:
    """The rows of the view's table: what each says, by its id."""
    return {row.get_attribute("data-id"): row.text for row in stage.all("main tr[data-id]")}


def row(stage: Stage, name: str, state: str | None = None) -> WebElement:
    """The row with this id, once it is there and in this state."""
    wanted = f'main tr[data-id="{name}"]' + (f'[data-state="{state}"]' if state else "")
    return stage.until(lambda: next(iter(stage.all(wanted)), None))


def press(stage: Stage, words: str, within: WebElement | None = None) -> None:
    """Presses the button, or follows the link, that shows these words. What is made anew meanwhile is looked for again."""
    def pressed() -> bool:
        place = within or stage.one("body")
        found = [way for way in place.find_elements(By.CSS_SELECTOR, "button, a") if way.text == words and way.is_displayed()]
        if not found:
            return False
        expect(len(found) == 1, f"{len(found)} ways called “{words}”")
        # Where it is seen, and nothing lies over it.
        stage.script("arguments[0].scrollIntoView({ block: 'center' })", found[0])
        found[0].click()
        return True

    stage.until(pressed)


def agree(stage: Stage, words: str) -> None:
    """Says yes to what the page asks."""
    stage.until(lambda: stage.all("dialog[open]"))
    press(stage, words, stage.one("dialog[open]"))
    stage.until(lambda: not stage.all("dialog[open]"))


def note(stage: Stage) -> str:
    """What the page last said of an order."""
    return stage.one("#note").get_property("textContent")


def figures(stage: Stage) -> dict[str, str]:
    """The large figures of the overview, by their names."""
    names, values = (stage.all(f".figures {tag}") for tag in ("dt", "dd"))
    return {name.text: value.text for name, value in zip(names, values, strict=True)}


def sign_in(stage: Stage, token: str) -> None:
    field_ = stage.until(lambda: next(iter(stage.all("#token")), None))
    field_.clear()
    field_.send_keys(token, Keys.ENTER)


# The service.

def serve(stage: Stage, role: str = "serve", **settings: str):
    """Has another service be the stage's: a process with data of its own."""
    process = stage.fleet.start(role, **{"DATA_DIR": "monitored"} | settings)
    stage.service = f"http://127.0.0.1:{process.port}"
    return process


def develop(stage: Stage, file_id: str, plan: dict[str, Any] | None = None, wait: int = 30) -> dict[str, Any]:
    """A job over a file. -> what it became within that many seconds"""
    answer = requests.post(
        f"{stage.service}/process/{file_id}", json=plan or {"operation": "blur", "intensity": 2},
        headers={"Prefer": f"wait={wait}"} if wait else {}, timeout=2 * PATIENCE)
    expect(answer.status_code in (200, 202), answer.text)
    return answer.json()


def develop_url(stage: Stage, url: str) -> str:
    """-> the job over the picture at a URL"""
    answer = requests.post(
        f"{stage.service}/api/v1/images/process", json={"imageUrl": url, "transformations": ["grayscale"]}, timeout=PATIENCE)
    expect(answer.status_code == 202, answer.text)
    return answer.json()["jobId"]


def status(stage: Stage, job: str, wait: int = 0) -> str:
    """The state of a job, once it is another one or that many seconds have passed."""
    return requests.get(f"{stage.service}/status/{job}?wait={wait}", timeout=PATIENCE).json().get("status")


def ended(stage: Stage, job: str) -> str:
    """The state in which a job ended."""
    end = time.monotonic() + 2 * PATIENCE
    while (state := status(stage, job, 5)) not in ("done", "failed", "canceled"):
        expect(time.monotonic() < end, f"{job} is {state}")
    return state


@dataclass
class Elsewhere:
    """A server of pictures and a receiver of webhooks, which is well or not."""

    picture: bytes
    is_well: bool = True
    delay: float = 0  # seconds before each answer
    posted: list[bytes] = field(default_factory=list)
    url: str = ""
    port: int = 0


class _Moody(http.server.BaseHTTPRequestHandler):
    def __init__(self, elsewhere: Elsewhere, *arguments):
        self.elsewhere = elsewhere
        super().__init__(*arguments)

    def do_GET(self):
        self._answer(self.elsewhere.picture, "image/png")

    def do_POST(self):
        self.elsewhere.posted.append(self.rfile.read(int(self.headers["content-length"])))
        self._answer(b"{}", "application/json")

    def _answer(self, body: bytes, kind: str):
        time.sleep(self.elsewhere.delay)
        # Who asked may be dead by now.
        with contextlib.suppress(OSError):
            self.send_response(200 if self.elsewhere.is_well else 503)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def elsewhere(stage: Stage, **settings: str) -> Iterator[Elsewhere]:
    """-> a server elsewhere; the stage's service is one that may go there"""
    with anywhere(stage) as place:
        serve(stage, FETCH_ALLOWED_PORTS=str(place.port), **settings)
        yield place


@contextlib.contextmanager
def anywhere(stage: Stage) -> Iterator[Elsewhere]:
    """-> a server elsewhere, of which the stage's service knows nothing"""
    place = Elsewhere(stage.picture("elsewhere.png", 64, 48, 77).read_bytes())
    with listening(functools.partial(_Moody, place)) as server:
        place.port = server.server_port
        place.url = f"http://127.0.0.1:{place.port}"
        yield place
