"""The pages of the plant itself: meters and the tree of actors."""

from dataclasses import dataclass

from flask import Blueprint, Response

from evce.views import ActorView, SiteSnapshot
from web.rendering import live_page, picture
from web.security import Access, access

__all__ = ["ActorNode", "actor_tree", "plant_pages"]

plant_pages = Blueprint("plant", __name__)


@dataclass(frozen=True, slots=True)
class ActorNode:
    """An actor and how deep it stands in the supervision tree."""

    actor: ActorView
    depth: int


def actor_tree(snapshot: SiteSnapshot) -> list[ActorNode]:
    """The supervision tree as lines, each actor below its supervisor; orphans last, none left out."""
    children: dict[str, list[ActorView]] = {}
    for actor in snapshot.actors.values():
        children.setdefault(actor.supervisor, []).append(actor)
    lines: list[ActorNode] = []
    seen: set[str] = set()

    def walk(name: str, depth: int) -> None:
        for actor in sorted(children.get(name, ()), key=lambda child: child.name):
            if actor.name not in seen:
                seen.add(actor.name)
                lines.append(ActorNode(actor, depth))
                walk(actor.name, depth + 1)

    roots = [name for name in children if name not in snapshot.actors]
    for root in sorted(roots):
        walk(root, 0)
    for actor in snapshot.actors.values():  # a circle of supervisors has no root; show it all the same
        if actor.name not in seen:
            seen.add(actor.name)
            lines.append(ActorNode(actor, 0))
            walk(actor.name, 1)
    return lines


@plant_pages.get("/meters")
@access(Access.USER)
def meters() -> Response:
    snapshot = picture()
    everything = list(snapshot.meters.values())
    return live_page(
        "meters.html",
        snapshot,
        "meters",
        lambda: {
            "meters": [m for m in everything if m.role != "production"],
            "production": [m for m in everything if m.role == "production"],
        },
    )


@plant_pages.get("/system")
@access(Access.ADMIN)
def system() -> Response:
    snapshot = picture()
    lines = actor_tree(snapshot)
    return live_page(
        "system.html",
        snapshot,
        "system",
        lambda: {
            "lines": lines,
            "running": sum(line.actor.state == "running" for line in lines),
            "restarts": sum(line.actor.restarts for line in lines),
            "latest": sorted(
                (line.actor for line in lines if line.actor.restarts and line.actor.since is not None),
                key=lambda actor: str(actor.since),
                reverse=True,
            )[:5],
        },
    )
