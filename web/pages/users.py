"""The users of the web interface: list, add, change role or password, delete (US-1, US-2)."""

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, Response, abort, flash, request

from actors.messages import RecordEvent, UserRecord
from web.accounts import Accounts, Role, login_faults
from web.acting import acting_faults
from web.languages import gettext, mark
from web.lockout import Lockout
from web.pages.proposing import configuration_page, see_other
from web.passwords import password_faults
from web.security import Access, access, reader
from web.sessions import SessionTable
from web.settings import WebSettings
from web.site import Site

__all__ = ["new_password_faults", "users_pages"]

_ROLES = {
    Role.ADMIN: (mark("Administrator"), mark("Everything.")),
    Role.USER: (mark("User"), mark("Dashboard, sessions, stations and cards; no settings.")),
    Role.WEBSERVICES: (mark("Web services"), mark("For programs only: no login on these pages.")),
}


def users_pages(
    site: Site, accounts: Accounts, sessions: SessionTable, lockout: Lockout, settings: WebSettings
) -> Blueprint:
    """The blueprint `users`. Each change asks for the acting administrator's login and password (US-2)."""
    pages = Blueprint("users", __name__)

    @pages.get("/users")
    @access(Access.ADMIN)
    def users() -> Response:
        return _list({}, {}, 200)

    @pages.post("/users/add")
    @access(Access.ADMIN)
    def add() -> Response:
        login = request.form.get("login", "").strip()
        faults = new_password_faults()
        if wrong := login_faults(login):
            faults["login"] = " ".join(wrong)
        elif any(user.login.casefold() == login.casefold() for user in accounts.everybody()):
            faults["login"] = gettext("Somebody has this login already.")
        if request.form.get("role") not in tuple(Role):
            faults["role"] = gettext("Choose a role.")
        if not faults:
            faults |= _acting_faults()
        if faults:
            return _list(request.form, faults, 422)
        password_hash = accounts.hash(request.form["password"])
        accounts.save(UserRecord(login, Role(request.form["role"]), password_hash, settings.now()))
        _audit(f"user {login} added as {request.form['role']}")
        flash(gettext("%(login)s can log in now.", login=login), "success")
        return see_other("/users")

    @pages.get("/users/edit")
    @access(Access.ADMIN)
    def edit() -> Response:
        return _edit(_user(request.args.get("login", "")), {}, 200)

    @pages.post("/users/edit")
    @access(Access.ADMIN)
    def change() -> Response:
        user = _user(request.args.get("login", ""))
        changed, faults = user, {}
        if request.form.get("password") or request.form.get("again"):
            faults = new_password_faults()
        role = request.form.get("role", user.role)
        if role not in tuple(Role):
            faults["role"] = gettext("Choose a role.")
        elif role != Role.ADMIN and _is_last_admin(user):
            faults["role"] = gettext(
                "The last administrator stays one: make somebody else administrator first."
            )
        if not faults:
            faults = _acting_faults()
        if faults:
            return _edit(user, faults, 422)
        told = []
        if role != user.role:
            changed = replace(changed, role=role)
            told.append(f"is {role} now")
        if request.form.get("password"):
            changed = replace(changed, password_hash=accounts.hash(request.form["password"]))
            told.append("has a new password")
        if told:
            accounts.save(changed)
            sessions.revoke_login(user.login)
            _audit(f"user {user.login} {' and '.join(told)}")
            flash(gettext("%(login)s is changed, and has to log in again.", login=user.login), "success")
        return see_other("/users")

    @pages.post("/users/delete")
    @access(Access.ADMIN)
    def delete() -> Response:
        user = _user(request.args.get("login", ""))
        faults: dict[str, str] = {}
        if _is_last_admin(user):
            faults["delete"] = gettext("The last administrator can't be deleted.")
        else:
            faults = {f"delete_{name}": fault for name, fault in _acting_faults("delete_").items()}
        if faults:
            return _edit(user, faults, 422)
        accounts.delete(user.login)
        sessions.revoke_login(user.login)
        _audit(f"user {user.login} deleted")
        flash(gettext("%(login)s is deleted.", login=user.login), "success")
        return see_other("/users")

    def _list(form: Mapping[str, str], faults: Mapping[str, str], status: int) -> Response:
        return configuration_page(
            "configuration/users.html",
            "users",
            status,
            users=accounts.everybody(),
            locked=lockout.locked(),
            roles=_roles(),
            form=form,
            faults=faults,
        )

    def _edit(user: UserRecord, faults: Mapping[str, str], status: int) -> Response:
        return configuration_page(
            "configuration/user.html",
            "users",
            status,
            user=user,
            roles=_roles(),
            last_admin=_is_last_admin(user),
            form=request.form,
            faults=faults,
        )

    def _user(login: str) -> UserRecord:
        found = next((user for user in accounts.everybody() if user.login == login), None)
        if found is None:
            abort(404)
        return found

    def _is_last_admin(user: UserRecord) -> bool:
        admins = [one.login for one in accounts.everybody() if one.role == Role.ADMIN]
        return admins == [user.login]

    def _acting_faults(prefix: str = "") -> dict[str, str]:
        return acting_faults(accounts, lockout, settings, prefix)

    def _audit(text: str) -> None:
        site.tell("recorder", RecordEvent(settings.now(), "EVCE", "audit", text, reader().login))

    return pages


def new_password_faults(prefix: str = "") -> dict[str, str]:
    """What is wrong with the password that the form gives twice, by field without the prefix."""
    password, again = (request.form.get(f"{prefix}{name}", "") for name in ("password", "again"))
    if wrong := password_faults(password):
        return {"password": " ".join(wrong)}
    return {} if password == again else {"again": gettext("The two passwords differ.")}


def _roles() -> list[tuple[str, str, str]]:
    return [(role.value, gettext(name), gettext(what)) for role, (name, what) in _ROLES.items()]
