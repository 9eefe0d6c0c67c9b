"""Shows the web interface over the invented site, to look at it: `python -m tests.web.look [port]`."""

import logging
import sys
import tempfile
import threading
from pathlib import Path

from tests.web.fake_site import FakeSite
from web.accounts import ensure_admin
from web.app import create_app
from web.asgi import WebApplication
from web.certificate import ensure_certificate
from web.server import WebServer
from web.settings import WebSettings


def main() -> None:
    """Serve until interrupted; login `olivia`, password `Harbour-car-park-1`."""
    logging.basicConfig(level=logging.WARNING)
    site = FakeSite()
    ensure_admin(site.ask, site.tell, "olivia", "Harbour-car-park-1")
    app = create_app(site.ask, site.tell, WebSettings(version="1.0"))
    with tempfile.TemporaryDirectory() as folder:
        files = ensure_certificate(Path(folder))
        port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
        server = WebServer(WebApplication(app), "127.0.0.1", port, files.certificate, files.key)
        print(f"https://127.0.0.1:{server.start()}", flush=True)
        pause = threading.Event()
        try:
            while not pause.wait(1.0):
                site.breathe()
        except KeyboardInterrupt:
            server.stop()


if __name__ == "__main__":
    main()
