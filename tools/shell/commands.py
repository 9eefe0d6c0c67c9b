"""The commands of the debug shell, each with its help; those that change something need `--write`."""

from difflib import get_close_matches

import click

from tools.shell.answers import Inspection, Ledger, Log, Profile, Stacks, Top, Traced, Tree, Why
from tools.shell.session import Session
from tools.shell.vocabulary import fields_of, message_named

__all__ = ["SCREEN_CLEARED", "Leave", "Named", "commands", "fail"]

SCREEN_CLEARED = "\x1b[H\x1b[J"


class Leave(Exception):  # noqa: N818  # no error
    """The engineer has seen enough."""


class Named(click.ParamType[str]):
    """A name that the shell can complete: `kind` is actors, zones, connectors, messages or fields."""

    name = "name"

    def __init__(self, kind: str) -> None:
        self.kind = kind


class Commands(click.Group):
    """Tells of a mistyped command which one was perhaps meant."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            close = get_close_matches(args[0], self.commands, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise click.UsageError(f"there is no command {args[0]!r}{hint}; `help` lists them all")
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, add_help_option=False)
def commands() -> None:
    """The commands of the debug shell."""


ACTOR = Named("actors")
SECONDS = click.FloatRange(min=0, min_open=True)


# What tells.


@commands.command()
@click.pass_obj
def tree(session: Session) -> None:
    """Show the supervision tree.

    For each actor its state, how many messages wait and for how long the oldest, messages handled a second,
    the time in a handler (median, and what 99 % don't exceed), restarts and the last failure.
    """
    session.show(session.ask(Tree, "actors"))


@commands.command()
@click.option("--every", type=SECONDS, default=1.0, show_default=True, help="Seconds between two frames.")
@click.option("--count", type=click.IntRange(1, 100_000), help="Frames; one-shot 1, else until Ctrl-C.")
@click.pass_obj
def top(session: Session, every: float, count: int | None) -> None:
    """Show the process and its busiest actors, again and again until Ctrl-C."""
    live = count is None and session.live
    frames = count or (100_000 if live else 1)
    for frame in session.follow(Top, "top", seconds=every, count=frames):
        if live:
            click.echo(SCREEN_CLEARED, nl=False)
        session.show(frame)


@commands.command()
@click.argument("name", type=ACTOR)
@click.argument("path", required=False, default="")
@click.pass_obj
def inspect(session: Session, name: str, path: str) -> None:
    """Show an actor's state, read from outside while it works; secrets are redacted.

    PATH names a part of it, such as planner.facts.CP-1/1, and shows that in more depth.
    """
    session.show(session.ask(Inspection, "inspect", name=name, path=path))


@commands.command()
@click.argument("connector", type=Named("connectors"))
@click.pass_obj
def why(session: Session, connector: str) -> None:
    """Tell why a connector has its setpoint: the sentence of the pages, and the amounts behind it.

    CONNECTOR is a box identity with the connector's number, such as CP-1/2; without a number it is the first.
    """
    session.show(session.ask(Why, "why", connector=connector))


@commands.command()
@click.argument("zone", type=Named("zones"))
@click.pass_obj
def pledges(session: Session, zone: str) -> None:
    """Show what may be drawn in a zone, line by line, and what each pledge follows from."""
    session.show(session.ask(Ledger, "pledges", zone=zone))


@commands.command()
@click.argument("name", type=ACTOR, required=False, default="")
@click.option("--type", "kind", type=Named("messages"), default="", help="Only these, such as Meter*.")
@click.option("--count", type=click.IntRange(1, 100_000), default=1000, show_default=True, help="At most.")
@click.option("--for", "seconds", type=SECONDS, default=600.0, show_default=True, help="Seconds, at most.")
@click.pass_obj
def trace(session: Session, name: str, kind: str, count: int, seconds: float) -> None:
    """Show messages live, right before an actor handles them, until Ctrl-C.

    NAME is an actor or a pattern such as 'station/*'; without it all of them. At most 200 messages a second
    are shown; of the rest the number is told. The daemon stops tracing when this shell goes away.
    """
    for message in session.follow(Traced, "trace", name=name, type=kind, count=count, seconds=seconds):
        session.show(message)


@commands.command()
@click.argument("count", type=click.IntRange(1, 2000), default=50)
@click.option(
    "--level", type=click.Choice(["debug", "info", "warning", "error", "critical"]), help="This and worse."
)
@click.option("--text", default="", help="Only lines with this text, or of a thread with it in its name.")
@click.pass_obj
def log(session: Session, count: int, level: str | None, text: str) -> None:
    """Show the newest COUNT lines of the daemon's log, 50 unless told."""
    session.show(session.ask(Log, "log", count=count, level=level, text=text))


@commands.command()
@click.argument("threads", required=False, default="")
@click.pass_obj
def stacks(session: Session, threads: str) -> None:
    """Show where every thread is now, busy ones first; THREADS is a name or a pattern."""
    session.show(session.ask(Stacks, "stacks", threads=threads))


@commands.command()
@click.argument("seconds", type=click.FloatRange(0.1, 60), default=5.0)
@click.argument("threads", required=False, default="")
@click.pass_obj
def profile(session: Session, seconds: float, threads: str) -> None:
    """Look at all threads a hundred times a second for SECONDS, and show where they worked.

    5 s unless told. THREADS is a name or a pattern such as 'zone/*'.
    """
    for answer in session.follow(Profile, "profile", seconds=seconds, threads=threads):
        session.show(answer)


# What changes something.


@commands.command()
@click.argument("name", type=ACTOR)
@click.argument("kind", metavar="TYPE", type=Named("messages"))
@click.argument("fields", nargs=-1, type=Named("fields"), metavar="[FIELD=VALUE]...")
@click.pass_obj
def send(session: Session, name: str, kind: str, fields: tuple[str, ...]) -> None:
    """Send a message to an actor.

    TYPE is the kind of message; each FIELD=VALUE is JSON or plain text, and now stands for the time, as in

        send zone/main MeterLost meter=main-meter since=now reason=drill
    """
    given = {}
    for word in fields:
        field, equals, value = word.partition("=")
        if not equals:
            known = " ".join(fields_of(message_named(kind)))
            raise click.UsageError(f"{word!r}: write FIELD=VALUE; {kind} has {known or 'no fields'}")
        given[field] = value
    session.write(f"send {kind} to {name}", "send", name=name, type=kind, fields=given)


@commands.command()
@click.argument("name", type=ACTOR)
@click.argument("seconds", type=click.FloatRange(min=0, max=600, min_open=True), default=2.0)
@click.pass_obj
def pause(session: Session, name: str, seconds: float) -> None:
    """Let an actor handle nothing for SECONDS, 2 unless told; what comes waits in its mailbox.

    The recorder and the site may be paused for up to ten minutes, any other for 2 s, as long as a hang lasts.
    """
    session.write(f"pause {name} for {seconds:g} s", "pause", name=name, seconds=seconds)


@commands.command()
@click.argument("name", type=ACTOR)
@click.pass_obj
def resume(session: Session, name: str) -> None:
    """End a pause before its time."""
    session.write(f"resume {name}", "resume", name=name)


@commands.command()
@click.argument("name", type=ACTOR)
@click.option(
    "--how", type=click.Choice(["exception", "exit"]), default="exception", show_default=True, help="Of what."
)
@click.pass_obj
def kill(session: Session, name: str, how: str) -> None:
    """Make an actor fail inside its own thread; its supervisor starts it again."""
    fail(session, name, how)


@commands.command()
@click.argument("name", type=ACTOR)
@click.pass_obj
def hang(session: Session, name: str) -> None:
    """Make an actor hang; the watchdog must notice and put another in its place."""
    fail(session, name, "hang")


@commands.command()
@click.argument("name", type=ACTOR)
@click.pass_obj
def restart(session: Session, name: str) -> None:
    """Have an actor stopped in good order and started again; counts as no failure."""
    session.write(f"restart {name}", "restart", name=name)


# The shell itself.


@commands.command("help")
@click.argument("command", required=False, default="")
@click.pass_context
def help_(context: click.Context, command: str) -> None:
    """List the commands, or explain one."""
    if not command:
        width = max(map(len, commands.commands))
        for name, each in commands.commands.items():
            click.echo(f"{name:{width}}  {each.get_short_help_str(90)}")
        return
    _, found, _ = commands.resolve_command(context, [command])
    if found is not None:
        with click.Context(found, info_name=command) as own:
            click.echo(found.get_help(own))
    if command == "send":
        click.echo("\nTYPE is one of: " + ", ".join(context.obj.names().messages))


@commands.command("quit")
def quit_() -> None:
    """Leave the shell; so does Ctrl-D."""
    raise Leave


def fail(session: Session, name: str, how: str) -> None:
    """Make an actor fail for a drill: exception, exit or hang."""
    session.write(f"{'hang' if how == 'hang' else 'kill'} {name}", "kill", name=name, how=how)
