"""The connection is lost, and comes back."""

from __future__ import annotations

from pages.stage import Stage, expect

LOST = {  # what the browser reports then
    "ERR_INTERNET_DISCONNECTED", "ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE",
    "ERR_INCOMPLETE_CHUNKED", "ERR_SOCKET_NOT_CONNECTED"}


def banner(stage: Stage) -> bool:
    return stage.one("#connection").is_displayed() and "connection is lost" in stage.one("#connection").text


def offline(stage: Stage, value: bool):
    if value:
        stage.driver.set_network_conditions(offline=True, latency=0, download_throughput=0, upload_throughput=0)
    else:
        stage.driver.delete_network_conditions()
        # The driver takes the limits away, but tells the page nothing of it.
        stage.script("dispatchEvent(new Event('online'))")


def dropped_offline(stage: Stage):
    """offline: what is dropped meanwhile is uploaded and made when the connection is back"""
    stage.expected |= LOST
    stage.open()
    offline(stage, True)
    stage.pick(stage.picture("a.png"), stage.picture("b.png", seed=2))
    stage.until(lambda: banner(stage))
    expect(stage.card("a.png").get_attribute("data-state") in ("waiting", "uploading"), stage.card("a.png").text)
    offline(stage, False)
    for name in ("a.png", "b.png"):
        stage.ended(name)
    expect(not banner(stage), "the banner stays")
    stage.until(lambda: "The connection is back" in stage.one("#announcer").get_property("textContent"))


def cut_off(stage: Stage):
    """offline in the middle of an upload and of a job: both go on by themselves"""
    stage.expected |= LOST
    stage.open("/ui#transformations=blur:intensity=60")
    jobs = [stage.picture(f"{number}.jpg", 2000, 1500, number) for number in range(3)]
    stage.pick(*jobs)
    stage.until(lambda: stage.all('.card:is([data-state="queued"], [data-state="processing"])'))
    stage.driver.set_network_conditions(offline=False, latency=0, download_throughput=-1, upload_throughput=150_000)
    stage.pick(stage.picture("slow.bmp", 640, 480))
    stage.until(lambda: "Uploading " in stage.card("slow.bmp").text)
    offline(stage, True)
    stage.until(lambda: banner(stage))
    offline(stage, False)
    for path in (*jobs, stage.folder / "slow.bmp"):
        stage.ended(path.name)
    expect(not banner(stage), "the banner stays")


def killed(stage: Stage):
    """the service is killed and started again: the page says so, and everything ends"""
    stage.expected |= LOST | {"503"}
    stage.open("/ui#transformations=blur:intensity=40")
    jobs = [stage.picture(f"{number}.jpg", 2000, 1500, number) for number in range(6)]
    stage.pick(*jobs)
    stage.until(lambda: stage.all('.card:is([data-state="queued"], [data-state="processing"])'))
    stage.process.kill()
    stage.until(lambda: banner(stage))
    stage.fleet.start("serve", port=stage.process.port).await_start()
    for path in jobs:
        stage.until(lambda path=path: stage.card(path.name).get_attribute("data-state") == "done", 90)
    expect(not banner(stage), "the banner stays")


CHECKS = [dropped_offline, cut_off, killed]
