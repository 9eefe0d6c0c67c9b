"""The Flask application: it puts the pages, the guard before them and the door to the site together."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.json.provider import DefaultJSONProvider
from flask_wtf.csrf import CSRFProtect

from web import errors, formatting, languages, rendering, security, sentences, uploads, watching
from web.accounts import Accounts
from web.assets import asset_url
from web.backup_room import BackupRoom
from web.changes import ChangeFeed
from web.file_exchange import FileExchange
from web.firmware_keeper import FirmwareKeeper
from web.lockout import Lockout
from web.manual import Manual, help_address, manual_folder, prose
from web.network_shelf import NetworkShelf
from web.pages import assistant, configuration, release
from web.pages.actions import actions_pages
from web.pages.alarms import alarms_pages
from web.pages.api import api_pages
from web.pages.assignment import assignment_pages
from web.pages.assistant import assistant_pages
from web.pages.audit import audit_pages
from web.pages.backup import backup_pages
from web.pages.cards import cards_pages
from web.pages.commands import commands_pages
from web.pages.configuration import configuration_pages
from web.pages.console import console_pages
from web.pages.dashboard import dashboard_pages
from web.pages.energy import energy_pages
from web.pages.factory_reset import factory_reset_pages
from web.pages.firmware import firmware_pages
from web.pages.firmware import set_up as set_up_firmware
from web.pages.history import history_pages
from web.pages.licence import licence_pages
from web.pages.login import login_pages
from web.pages.manual import manual_pages
from web.pages.meter_models import meter_models_pages
from web.pages.meter_trials import meter_trials_pages
from web.pages.network import network_pages
from web.pages.plans import plans_pages
from web.pages.plant import plant_pages
from web.pages.records import records_pages
from web.pages.registering import registering_pages
from web.pages.registration import registration_pages
from web.pages.release import release_pages
from web.pages.remote import remote_pages
from web.pages.reports import reports_pages
from web.pages.reports import set_up as set_up_reports
from web.pages.resources import resources_pages
from web.pages.restart import restart_pages
from web.pages.scanning import scanning_pages
from web.pages.site_time import site_time_pages
from web.pages.timeline import timeline_pages
from web.pages.trace import trace_pages
from web.pages.users import users_pages
from web.pages.web_services import web_services_pages
from web.passwords import Passwords
from web.programs import Programs
from web.release_room import ReleaseRoom
from web.rendering import services
from web.report_maker import ReportMaker
from web.sessions import SessionTable
from web.settings import WebSettings
from web.site import Ask, Site, Tell
from web.watching import Sources

__all__ = ["create_app"]

_FOLDER = Path(__file__).parent


class _Json(DefaultJSONProvider):
    """JSON that is nested too deeply is no JSON, instead of a failure of the page."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return super().loads(s, **kwargs)
        except RecursionError:
            raise ValueError("nested too deeply") from None


class _FormTokens(CSRFProtect):  # type: ignore[misc]  # Flask-WTF has no types
    """Asks every form for its token, and no program: it has no session that a form could use."""

    def protect(self, *arguments: bool, **named: bool) -> None:
        if not security.is_program():
            super().protect(*arguments, **named)


def create_app(
    ask: Ask,
    tell: Tell,
    settings: WebSettings,
    *,
    passwords: Passwords | None = None,
    files: FileExchange | None = None,
    backups: BackupRoom | None = None,
    sources: Sources | None = None,
    firmware: FirmwareKeeper | None = None,
    reports: ReportMaker | None = None,
    network: NetworkShelf | None = None,
    releases: ReleaseRoom | None = None,
) -> Flask:
    """The web interface over a running site.

    `ask` and `tell` are its only way to the actors, `files` is where stations leave files and fetch them,
    `firmware` what is kept for them, `reports` who makes reports, `sources` what engineers may follow live,
    `network` where the machine's own addresses are wished, `releases` where EVCE itself is updated.
    It does nothing by itself until it is served: see `web.server`. In `extensions` it carries `evce_site`,
    `evce_sessions` and `evce_changes`.
    """
    app = Flask("web", root_path=str(_FOLDER))
    app.json = _Json(app)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-evce-form",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        MAX_CONTENT_LENGTH=settings.max_request_bytes,
        MAX_FORM_MEMORY_SIZE=settings.max_request_bytes,
        MAX_FORM_PARTS=1000,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a wall display must not lose its buttons
        EVCE_VERSION=settings.version,
    )
    site = Site(ask, tell, settings.ask_timeout)
    sessions = SessionTable(site, settings)
    accounts = Accounts(site, passwords or Passwords())
    app.extensions["evce_sessions"] = sessions
    app.extensions["evce_changes"] = ChangeFeed(site.snapshot, settings.poll_interval)
    app.extensions["evce_settings"] = settings
    app.extensions["evce_files"] = files
    app.extensions["evce_firmware"] = firmware
    app.extensions["evce_reports"] = reports
    app.extensions["evce_network"] = network
    app.extensions["evce_releases"] = releases
    app.extensions["evce_manual"] = Manual(manual_folder())
    app.jinja_env.globals["help_address"] = help_address
    app.jinja_env.filters["prose"] = prose

    # The guard runs before the form token is checked: who may not come in learns nothing about forms.
    lockout = Lockout(site, settings.login, settings.steady_now or settings.now)
    programs = Programs(site, accounts, lockout, settings, services)
    security.set_up(app, sessions, accounts, programs.reader)
    uploads.set_up(app)
    release.set_up(app)
    _FormTokens(app)
    languages.set_up(app)
    sentences.set_up(app)
    formatting.set_up(app)
    rendering.set_up(app, site, settings.now)
    errors.set_up(app)
    watching.set_up(app, sources, settings.steady_now or settings.now)
    configuration.set_up(app)
    assistant.set_up(app)
    set_up_firmware(app)
    set_up_reports(app)
    app.jinja_env.globals.update(asset=asset_url, version=settings.version)

    app.register_blueprint(login_pages(site, accounts, sessions, lockout, settings))
    app.register_blueprint(users_pages(site, accounts, sessions, lockout, settings))
    app.register_blueprint(assistant_pages(site, accounts, sessions, lockout, settings))
    app.register_blueprint(backup_pages(site, accounts, lockout, settings, backups))
    app.register_blueprint(release_pages(site, accounts, lockout, settings, releases))
    for pages in (
        dashboard_pages,
        records_pages,
        audit_pages,
        timeline_pages,
        energy_pages,
        plant_pages,
        trace_pages,
        console_pages,
        alarms_pages,
        commands_pages,
        actions_pages,
        plans_pages,
        factory_reset_pages,
        restart_pages,
        firmware_pages,
        cards_pages,
        assignment_pages,
        meter_models_pages,
        meter_trials_pages,
        registering_pages,
        registration_pages,
        scanning_pages,
        site_time_pages,
        configuration_pages,
        history_pages,
        licence_pages,
        api_pages,
        resources_pages,
        remote_pages,
        reports_pages,
        web_services_pages,
        manual_pages,
        network_pages,
    ):
        app.register_blueprint(pages)
    return app
