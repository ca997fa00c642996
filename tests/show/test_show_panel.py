"""The panel of a whole show in a real browser: what hands do there is seen in the picture.

The generator is one without a network: half of its blue is noise/sigma.
"""

import io
import json
import os
import signal
import time
import urllib.error
import urllib.request

import numpy as np
import pytest
import screens
from jack import Controller, server
from PIL import Image
from screens import LEFT, free_port, is_dream

SIZES = {"desk": (1280, 800), "phone": (390, 844)}
#: Without them Chromium looks for its own servers; there is no GPU, and tests may run as root.
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
           "--disable-component-update", "--disable-sync"]  # fmt: skip
PRESETS = {"plain": 0.0, "strong": 1.0}
CUES = """version = 1
[[cue]]
name = "quiet"
preset = "plain"
[[cue]]
name = "loud"
preset = "strong"
[[cue]]
name = "half"
preset = "strong"
[cue.values]
"noise/sigma" = 0.5
"""
RED, KNOB = 0xB0, 21
WITHIN_MS = 60_000


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        one = started.chromium.launch(executable_path=screens.chromium(), args=OPTIONS)
        yield one
        one.close()


@pytest.fixture(scope="module")
def jack():
    with server() as one:
        yield one


@pytest.fixture(scope="module")
def show(tiny_model, tmp_path_factory, jack):
    """A show with two presets, a controller and a spare generator."""
    folder = tmp_path_factory.mktemp("show")
    presets = folder / "c" / "presets"
    presets.mkdir(parents=True)
    for name, sigma in PRESETS.items():
        (presets / f"{name}.toml").write_text(f'version = 1\ntags = ["test"]\n[values.noise]\nsigma = {sigma}\n')
    (folder / "set.toml").write_text(CUES)
    port, before = free_port(), os.environ.get("JACK_DEFAULT_SERVER")
    os.environ["JACK_DEFAULT_SERVER"] = jack.name
    with screens.virtual() as screen, screens.Play(
        screen, tiny_model, folder, panel=port, midi="jack", config=str(folder / "c"), preset="plain", spare=True,
        settings=["stage/transition_s=0"], cues=str(folder / "set.toml"),
    ) as playing:  # fmt: skip
        playing.until(is_dream)
        playing.until_told("the panel is at")
        playing.port, playing.presets = port, presets
        playing.url = f"http://127.0.0.1:{port}/panel/"
        yield playing
        assert playing.process.poll() is None
    if before is None:
        del os.environ["JACK_DEFAULT_SERVER"]
    else:
        os.environ["JACK_DEFAULT_SERVER"] = before


@pytest.fixture(params=SIZES)
def page(show, browser, request):
    """The page at either size, connected; nothing may be wrong with it."""
    width, height = SIZES[request.param]
    one = browser.new_page(viewport={"width": width, "height": height}, has_touch=request.param == "phone")
    one.set_default_timeout(WITHIN_MS)
    wrong = []
    one.on("pageerror", lambda error: wrong.append(str(error)))
    one.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    one.goto(show.url)
    one.wait_for_selector("#connection[data-state=open]")
    one.name, one.wrong = request.param, wrong
    # Whatever the test before has left.
    osc(one, "/vj/panic")
    osc(one, "/vj/preset", "plain")
    one.wait_for_selector('[data-preset="plain"][aria-current=true]')
    yield one
    # What the browser says of a server that was killed is no fault of the page.
    assert [text for text in wrong if "WebSocket" not in text and "ERR_CONNECTION" not in text] == []
    one.close()


def tab(page, name):
    page.click(f"[data-tab={name}]")


def opened(page, id):
    """The control of a parameter, found by its name."""
    tab(page, "parameters")
    page.fill("#panel-parameters .search", id)
    return page.locator(f'#panel-parameters [data-id="{id}"]')


def blue(pixels):
    return pixels[LEFT].mean((0, 1))[2]


def told(show, path):
    """A value as OSCQuery says it."""
    with urllib.request.urlopen(f"http://127.0.0.1:{show.port}/vj/{path}?VALUE", timeout=60) as reply:
        return json.load(reply)["VALUE"][0]


def until(is_so, within_s=60.0):
    until_s = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < until_s
        time.sleep(0.05)


def set_range(control, value):
    control.locator("input[type=range]").first.evaluate(
        "(one, value) => { one.value = value; one.dispatchEvent(new Event('input', {bubbles: true})); }", str(value)
    )


def seen(page, kind="#preview"):
    """The picture that the page shows, u8[h, w, 3]."""
    data = page.locator(kind).screenshot()
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def test_a_slider_moves_the_picture_here_and_there_and_is_undone(page, show):
    control = opened(page, "noise/sigma")
    set_range(control, 1.0)
    show.until(lambda pixels: blue(pixels) > 90)
    assert told(show, "noise/sigma") == pytest.approx(1.0, abs=0.05)
    until(lambda: seen(page)[..., 2].mean() > 60)
    page.keyboard.press("Escape")
    if page.name == "phone":
        page.click("#more")
    page.click("[data-action=undo]")
    show.until(lambda pixels: blue(pixels) < 40)
    page.click("[data-action=redo]")
    show.until(lambda pixels: blue(pixels) > 90)
    page.click("[data-action=undo]")
    show.until(lambda pixels: blue(pixels) < 40)


def test_presets_are_played_found_and_locked_against(page, show):
    tab(page, "presets")
    page.fill("#panel-presets .search", "strong")
    until(lambda: page.locator("#preset-grid [data-preset]").count() == 1)
    page.click('[data-preset="strong"]')
    show.until(lambda pixels: blue(pixels) > 90)
    page.wait_for_selector('[data-preset="strong"][aria-current=true]')
    # What is locked stays.
    osc(page, "/vj/lock", "noise/sigma")
    page.fill("#panel-presets .search", "")
    page.click('[data-preset="plain"]')
    page.wait_for_selector('[data-preset="plain"][aria-current=true]')
    time.sleep(0.5)
    assert told(show, "noise/sigma") == 1.0
    osc(page, "/vj/unlock", "noise/sigma")
    page.click('[data-preset="strong"]')
    page.wait_for_selector('[data-preset="strong"][aria-current=true]')
    page.click('[data-preset="plain"]')
    show.until(lambda pixels: blue(pixels) < 40)


def osc(page, address, *args):
    """What a script of one's own would do."""
    page.evaluate(
        """([address, args]) => new Promise((resolve) => {
            const socket = new WebSocket(new URL("live", location.href.replace("http", "ws")));
            socket.onopen = () => { socket.send(JSON.stringify({address, args})); setTimeout(resolve, 200); };
        })""",
        [address, list(args)],
    )


def test_cues_go_on_and_back_and_to_any(page, show):
    tab(page, "presets")
    page.click('[data-cue="quiet"]')
    page.wait_for_selector('[data-cue="quiet"][aria-current=step]')
    assert page.locator(".cue-now").text_content() == "1/3 quiet"
    assert page.locator("[data-action=cue-go]").bounding_box()["height"] >= 44
    page.click("[data-action=cue-go]:has-text('loud')")
    show.until(lambda pixels: blue(pixels) > 90)
    assert told(show, "noise/sigma") == pytest.approx(1.0)
    # GO is once in so much time.
    time.sleep(0.4)
    page.click("[data-action=cue-go]:has-text('half')")
    until(lambda: told(show, "noise/sigma") == pytest.approx(0.5))
    page.wait_for_selector("[data-action=cue-go]:disabled")
    page.click("[data-action=cue-back]")
    page.wait_for_selector('[data-cue="loud"][aria-current=step]')
    page.click("[data-action=cue-hold]")
    page.wait_for_selector("[data-action=cue-hold][aria-pressed=true]")
    page.click("[data-action=cue-hold]")
    page.click("[data-action=cue-auto]")
    page.wait_for_selector("[data-action=cue-auto][aria-pressed=false]")
    page.click("[data-action=cue-auto]")
    osc(page, "/vj/cue/jump", "quiet")
    page.wait_for_selector('[data-preset="plain"][aria-current=true]')


def test_a_preset_is_saved_with_its_picture(page, show):
    name = f"mine {page.name}"
    tab(page, "presets")
    page.fill("#save-name", name)
    page.click("[data-action=save]")
    picture = show.presets / f"{name}.jpg"
    until(picture.is_file)
    assert Image.open(picture).size == (320, 180)
    page.wait_for_selector(f'[data-preset="{name}"] img')
    until(lambda: page.locator(f'[data-preset="{name}"] img').evaluate("one => one.naturalWidth") == 320)


def test_presets_are_put_in_order_by_keys(page, show):
    tab(page, "presets")
    first, second = (page.locator("#preset-grid > li").nth(i).get_attribute("data-name") for i in range(2))
    page.locator(f'[data-preset="{first}"]').focus()
    page.keyboard.press("Alt+ArrowRight")
    order = show.presets.parent / "order.toml"
    until(lambda: order.is_file() and order.read_text().index(f'"{second}"') < order.read_text().index(f'"{first}"'))
    until(lambda: page.locator("#preset-grid > li").first.get_attribute("data-name") == second)


def test_a_preset_is_auditioned_and_taken(page, show):
    tab(page, "presets")
    page.wait_for_selector('[data-preset="plain"][aria-current=true]')
    until(lambda: page.locator('#panel-presets [data-action="audition"]').is_visible())
    page.click('#panel-presets [data-action="audition"]')
    page.click('[data-preset="strong"]')
    page.wait_for_selector("[data-action=go]:not([disabled])")
    # The panel sees the next preset, the audience the one that plays.
    until(lambda: seen(page, ".audition-screen img")[..., 2].mean() > 60)
    show.until(lambda pixels: blue(pixels) < 40)
    page.click("[data-action=go]")
    show.until(lambda pixels: blue(pixels) > 90)
    page.wait_for_selector('[data-preset="strong"][aria-current=true]')


def test_a_control_is_learnt_and_forgotten(page, show, jack):
    knobs = Controller(jack, "box")
    try:
        named = opened(page, "noise/tilt").locator(".chip:not(.learning)")
        osc(page, "/vj/learn", "noise/tilt")

        def learnt():
            knobs.send([RED, KNOB, 20], 0.02, [RED, KNOB, 30])
            time.sleep(0.1)
            return named.count() == 1

        until(learnt, 60.0)
        assert str(KNOB) in named.inner_text()
        osc(page, "/vj/forget", "noise/tilt")
        until(lambda: named.count() == 0)
    finally:
        knobs.close()


def test_a_shader_is_added_put_first_and_taken_out(page, show):
    tab(page, "chain")
    page.click('[data-add="grade"]')
    page.wait_for_selector('[data-shader="grade"]')
    page.click('[data-add="bloom"]')
    page.wait_for_selector('[data-shader="bloom"]')
    until(lambda: shaders(page) == ["grade", "bloom"])
    page.locator('[data-shader="bloom"]').get_by_role("button", name="earlier").or_(
        page.locator('[data-shader="bloom"] button').first
    ).first.click()
    until(lambda: shaders(page) == ["bloom", "grade"])
    osc(page, "/vj/fx/grade/exposure", -8.0)
    show.until(lambda pixels: pixels[LEFT].mean() < 20)
    osc(page, "/vj/chain")
    until(lambda: shaders(page) == [])
    show.until(is_dream)


def shaders(page):
    return page.locator("[data-shader]").evaluate_all("all => all.map((one) => one.dataset.shader)")


def test_a_modulation_comes_and_goes(page, show):
    osc(page, "/vj/chain", "grade")
    osc(page, "/vj/macro/1", 1.0)
    tab(page, "modulation")
    page.get_by_label("Signal", exact=True).fill("macro/1")
    page.get_by_label("Target", exact=True).fill("fx/grade/exposure")
    page.get_by_label("Depth", exact=True).fill("-8")
    page.get_by_role("button", name="Add row").click()
    show.until(lambda pixels: pixels[LEFT].mean() < 20)
    # Seen on the parameter, too: where it stands, and where it is moved to.
    control = opened(page, "fx/grade/exposure")
    until(lambda: control.locator(".now").first.is_visible())
    tab(page, "modulation")
    page.get_by_role("button", name="remove").first.click()
    show.until(is_dream)


def test_big_buttons_and_taps(page, show):
    page.click("[data-action=blackout]")
    show.until(lambda pixels: not pixels.any())
    page.wait_for_selector("[data-action=blackout][aria-pressed=true]")
    page.click("[data-action=blackout]")
    show.until(is_dream)
    page.click("[data-action=freeze]")
    page.wait_for_selector("[data-action=freeze][aria-pressed=true]")
    page.click("[data-action=freeze]")
    for _ in range(6):
        page.click("[data-action=tap]")
        page.wait_for_timeout(400)
    until(lambda: 100 < float(page.inner_text("#bpm")) < 200)
    page.keyboard.press("]")
    page.keyboard.press("]")
    until(lambda: told(show, "tempo/offset_ms") == 10.0)
    page.keyboard.press("[")
    until(lambda: told(show, "tempo/offset_ms") == 5.0)
    if page.name == "desk":
        assert page.inner_text("#offset") == "5 ms"
        page.click("[data-nudge='-5']")
        until(lambda: told(show, "tempo/offset_ms") == 0.0)
    page.click("[data-action=panic]")
    show.until(is_dream)


def test_it_comes_back_after_its_server_was_killed(page, show):
    (pid,) = [pid for pid, name in show.children().items() if name == "vj panel"]
    os.kill(pid, signal.SIGKILL)
    page.wait_for_selector("#connection[data-state=closed]")
    page.wait_for_selector("#connection[data-state=open]")
    until(lambda: pid not in show.children())
    set_range(opened(page, "noise/sigma"), 1.0)
    show.until(lambda pixels: blue(pixels) > 90)
    osc(page, "/vj/undo")
    show.until(lambda pixels: blue(pixels) < 40)


@pytest.mark.parametrize("path", ["/panel/../c/presets/plain.toml", "/panel/preset/..%2Forder.jpg", "/etc/passwd"])
def test_nothing_else_is_given_out(show, path):
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"http://127.0.0.1:{show.port}{path}", timeout=60)
