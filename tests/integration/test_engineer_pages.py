"""An engineer at the pages of a running house: the messages of its actors, the frames of its stations."""

import html
import json
import re
import ssl
import urllib.parse
import urllib.request
from collections.abc import Callable
from http.cookiejar import CookieJar

from tests.integration.house import House, until

Fetch = Callable[..., str]


def logged_in(house: House) -> Fetch:
    """A browser's part: cookies, form tokens; `fetch(path, **form)` posts where there is a form."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # the site's own certificate
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=context), urllib.request.HTTPCookieProcessor(CookieJar())
    )
    root = f"https://localhost:{house.daemon.web_port}"
    token = ""

    def fetch(path: str, **form: str) -> str:
        nonlocal token
        data = urllib.parse.urlencode({"csrf_token": token, **form}).encode() if form else None
        # Loopback, always.
        asked = urllib.request.Request(root + path, data, {"Referer": f"{root}/"})  # noqa: S310
        with opener.open(asked, timeout=20) as answer:
            text: str = answer.read().decode()
        text = html.unescape(text)
        found = re.search(r'csrf_token" value="([^"]+)"|X-CSRFToken": "([^"]+)"', text)
        token = token if found is None else found[1] or found[2]
        return text

    assert house.daemon.credentials is not None
    login, password = house.daemon.credentials
    fetch("/login")
    fetch("/login", login=login, password=password)
    return fetch


def test_the_messages_and_frames_of_a_running_site_are_on_the_pages(house: House) -> None:
    """AC-4, OC-3: a message sent from the console, the frames it makes, and the actors that hear of it."""
    fetch = logged_in(house)
    fetch("/stations/CP-1/console")
    fetch("/system/trace", deed="start", name="station/CP-1", type="Call*")
    payload = json.dumps({"key": ["HeartbeatInterval"]})
    assert "Asked." in fetch("/stations/CP-1/console", call="GetConfiguration", payload=payload)
    frames = "/stations/CP-1/console/frames?action=GetConfiguration"
    until(lambda: "configurationKey" in fetch(frames), 10, "the frames of the call and its answer")
    assert "none yet" not in fetch(frames)
    until(lambda: "<b>CallAnswered</b>" in fetch("/system/trace/rows"), 10, "the actor's message")
    fetch("/system/trace", deed="stop")
    fetch("/stations/CP-1/console/frames", deed="stop")
    assert house.daemon.runtime._listeners == ()
    assert house.daemon._gateway.taps.by_station == {}
