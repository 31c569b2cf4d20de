"""Who may look, and that nobody sees a secret."""

from __future__ import annotations

import re

import requests

from pages.monitor.view import open_view, press, serve, sign_in, table, title
from pages.stage import PATIENCE, Stage, expect

TOKEN = "a-token-that-nobody-guesses-5f2c"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def at_login(stage: Stage) -> bool:
    return bool(stage.all(".gate #token"))


def signed_in(stage: Stage):
    """monitor: with a token set it asks for one, says that another is wrong, and goes on where one wanted to go"""
    stage.expected.add("401")
    serve(stage, ADMIN_TOKEN=TOKEN)
    stage.driver.get(f"{stage.service}/monitor#view=settings")
    stage.until(lambda: at_login(stage))
    field = stage.one("#token")
    expect(field.get_attribute("type") == "password", "the token can be read")
    expect(field.get_attribute("autocomplete") == "current-password", "no password manager knows it")
    expect(stage.driver.switch_to.active_element == field, "it has not the focus")
    expect(not stage.one("nav").is_displayed() and not table(stage), "there is more than the login")
    sign_in(stage, "wrong")
    stage.until(lambda: "not the token" in stage.one("#token-trouble").text)
    sign_in(stage, TOKEN)
    stage.until(lambda: stage.all("main h2") and title(stage) == "Settings" and table(stage))
    (cookie,) = stage.driver.get_cookies()
    expect(cookie["httpOnly"] and cookie["sameSite"] == "Strict", cookie)
    expect(TOKEN not in cookie["value"], "the cookie is the token")
    expect(stage.script("return document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage })") == "{}", "kept")

    stage.driver.refresh()
    stage.until(lambda: stage.all("main h2") and title(stage) == "Settings" and table(stage))
    press(stage, "Sign out")
    stage.until(lambda: at_login(stage))
    stage.driver.refresh()
    stage.until(lambda: at_login(stage))


def expired(stage: Stage):
    """monitor: a sign-in that ends meanwhile leads back to the login, and after it to the same view"""
    stage.expected.add("401")
    serve(stage, ADMIN_TOKEN=TOKEN)
    stage.driver.get(f"{stage.service}/monitor#view=jobs&status=failed")
    sign_in(stage, TOKEN)
    stage.until(lambda: stage.all("main h2") and title(stage) == "Jobs" and "No such jobs." in stage.one("main").text)
    stage.driver.delete_all_cookies()
    stage.until(lambda: at_login(stage))
    expect("signed out" in stage.one("#token-trouble").text, stage.one("main").text)
    sign_in(stage, TOKEN)
    stage.until(lambda: stage.all("main h2") and title(stage) == "Jobs" and stage.all("[data-filter=status]"))
    expect(stage.one("[data-filter=status]").get_property("value") == "failed", "another view")
    stage.until(lambda: stage.one("#standing").text == "Healthy")


def expired_order(stage: Stage):
    """monitor: an order after the sign-in has ended is not carried out, and leads to the login"""
    stage.expected.add("401")
    serve(stage, ADMIN_TOKEN=TOKEN)
    stage.driver.get(f"{stage.service}/monitor")
    sign_in(stage, TOKEN)
    stage.until(lambda: stage.all("main h2") and title(stage) == "Overview" and stage.one("#standing").text == "Healthy")
    stage.driver.delete_all_cookies()
    press(stage, "Pause")
    stage.until(lambda: stage.all("dialog[open]"))
    press(stage, "Pause", stage.one("dialog[open]"))
    stage.until(lambda: at_login(stage))
    overview = requests.get(f"{stage.service}/overview", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=PATIENCE)
    expect(overview.json()["paused"] is False, overview.text)


def not_from_here(stage: Stage):
    """monitor: without a token it tells those who are elsewhere that it answers only on the machine itself"""
    stage.expected.add("403")
    serve(stage, HOST="0.0.0.0")
    stage.driver.get(f"{stage.service}/monitor")
    stage.until(lambda: stage.all(".gate"))
    words = stage.one(".gate").text
    expect("only on the machine itself" in words and "ADMIN_TOKEN" in words, words)
    detail = requests.get(f"{stage.service}/session", timeout=PATIENCE).json()["detail"]
    expect(detail.lower() in words.lower(), (detail, words))


def settings(stage: Stage):
    """monitor: settings in force are listed with where they were set, can be searched, and hide what is secret"""
    stage.expected.add("401")
    serve(stage, ADMIN_TOKEN=TOKEN, WEBHOOK_SECRET=SECRET)
    stage.driver.get(f"{stage.service}/monitor#view=settings")
    sign_in(stage, TOKEN)
    stage.until(lambda: "ADMIN_TOKEN" in table(stage))
    rows = table(stage)
    for name in ("ADMIN_TOKEN", "WEBHOOK_SECRET"):
        expect(re.search(r"\((set|hidden)\)", rows[name]) and "environment" in rows[name], rows[name])
    expect("5" in rows["LEASE_SECONDS"] and "environment" in rows["LEASE_SECONDS"], rows["LEASE_SECONDS"])
    expect("default" in rows["JOB_MAX_ATTEMPTS"], rows["JOB_MAX_ATTEMPTS"])
    source = stage.driver.page_source
    expect(TOKEN not in source and SECRET not in source and SECRET[6:] not in source, "a secret is there to read")
    stage.one("main input[type=search]").send_keys("lease")
    stage.until(lambda: len(table(stage)) < len(rows) and "LEASE_SECONDS" in table(stage))
    expect("ADMIN_TOKEN" not in table(stage), table(stage))


def signed_out_at_once(stage: Stage):
    """monitor: without a token, on the machine itself, nobody is asked to sign in"""
    open_view(stage)
    stage.until(lambda: stage.one("#standing").text == "Healthy")
    expect(not at_login(stage) and not stage.one("#sign-out").is_displayed(), stage.one("main").text)


CHECKS = [signed_in, expired, expired_order, not_from_here, settings, signed_out_at_once]
