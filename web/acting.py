"""Asks for the acting administrator's own login and password, before what can't be taken back (US-2)."""

from flask import request

from web.accounts import Accounts
from web.formatting import duration
from web.languages import gettext
from web.lockout import Lockout
from web.security import reader
from web.settings import WebSettings

__all__ = ["acting_faults"]


def acting_faults(
    accounts: Accounts, lockout: Lockout, settings: WebSettings, prefix: str = ""
) -> dict[str, str]:
    """What is wrong with `own_login` and `own_password` of the form, with the lock of the login page."""
    login = request.form.get(f"{prefix}own_login", "").strip()[:64]
    password = request.form.get(f"{prefix}own_password", "")[:1024]
    if login != reader().login:
        return {"own_login": gettext("This is not the login that you are logged in with.")}
    source = request.remote_addr or "unknown"
    locked_for = lockout.locked_for(login, source)
    if locked_for <= 0:
        lockout.attempt(login, source)
        if accounts.check(login, password, settings.now()) is not None:
            lockout.succeeded(login, source)
            return {}
        locked_for = lockout.locked_for(login, source)
    if locked_for > 0:
        time = duration(locked_for + 0.999)
        return {"own_password": gettext("Too many failed logins. Try again in %(time)s.", time=time)}
    return {"own_password": gettext("This is not your password.")}
