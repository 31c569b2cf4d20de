"""Pictures are described."""

from __future__ import annotations

import json

from pages.stage import Stage, expect


def measured(stage: Stage):
    """a picture is described by its measures, and the text is copied"""
    stage.open("/ui#view=descriptions")
    stage.drop(stage.picture("a.png", 320, 240))
    card = stage.ended("a.png", panel="descriptions")
    expect("Dimensions: 320x240 pixels" in card.text and "Measured" in card.text, card.text)
    card.find_element("css selector", "summary").click()
    expect("Dominant colors" in card.text, card.text)


def told_by_a_model(stage: Stage):
    """a description with a script tag stays text, in its tab and in the history"""
    text = "A lake. <script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\">"
    stage.answers["/v1/chat/completions"] = json.dumps({
        "id": "1", "object": "chat.completion", "model": "scripted",
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}]}).encode()
    other = stage.fleet.start(
        "serve", DATA_DIR="described", OPENAI_API_KEY="key", OPENAI_BASE_URL=f"{stage.pictures}/v1")
    stage.service = f"http://127.0.0.1:{other.port}"
    stage.open("/ui#view=descriptions")
    stage.pick(stage.picture("a.png"))
    card = stage.ended("a.png", panel="descriptions")
    expect(text in card.text and "By scripted, 3 tokens" in card.text, card.text)
    stage.button("History").click()
    stage.until(lambda: any(button.text == "Read" for button in stage.all("#history button")))
    stage.button("Read", "#history").click()
    stage.until(lambda: any(text in row.text for row in stage.all("#history li")))
    became = stage.all('main script, img[src="x"]')
    expect(stage.driver.title == "Tintype" and not became, "the description became markup")


def undescribed(stage: Stage):
    """a picture that cannot be described says why"""
    stage.open("/ui#view=descriptions")
    stage.pick(stage.broken())
    card = stage.ended("broken.jpg", "failed", "descriptions")
    expect("This picture is broken" in card.text and "Try again" in card.text, card.text)


CHECKS = [measured, told_by_a_model, undescribed]
