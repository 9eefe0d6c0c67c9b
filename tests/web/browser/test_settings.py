"""What a person does on the pages of settings, cards and users, in chromium."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from actors.messages import RequestAction
from evce.views import InputView
from tests.web.browser.conftest import Open, Served
from tests.web.conftest import PASSWORD
from web.revisions import document_of

pytestmark = pytest.mark.browser


def maximum_of(here: Served, zone: str) -> float:
    return next(z.maximum_a for z in document_of(here.site.revisions[0].document).zones if z.id == zone)


def forgive(here: Served, *codes: str) -> None:
    """The browser's own notes of refusals that the test asked for."""
    here.complaints[:] = [c for c in here.complaints if not any(code in c for code in codes)]


@pytest.mark.parametrize("size", ["laptop", "phone"])
def test_a_limit_is_changed_seen_and_taken_back(open_page: Open, here: Served, size: str) -> None:
    """CF-1: form, a fault at its field, difference and effect, in force, history, and back."""
    page = open_page("/configuration/zones", size=size)
    page.get_by_label("Edit Garage").click()
    page.get_by_label("Maximum current").fill("900")
    page.get_by_role("button", name="Review the change").click()
    expect(page.get_by_role("alert").first).to_contain_text("at most 250")
    page.get_by_label("Maximum current").fill("80")
    page.get_by_role("button", name="Review the change").click()
    expect(page.locator(".changes")).to_contain_text("zones[garage].maximum_a")
    expect(page.locator(".effects")).to_contain_text("reduced to 80 A at once")
    page.get_by_label("Why, for the history").fill("summer")
    page.get_by_role("button", name="Put in force as revision 8").click()
    expect(page.locator("#toasts")).to_contain_text("Revision 8 is in force.")
    assert maximum_of(here, "garage") == 80
    page.goto(here.address + "/configuration/history")
    page.get_by_label("Go back to revision 7").click()
    page.get_by_role("button", name="Put in force as revision 9").click()
    expect(page.locator("#toasts")).to_contain_text("Revision 9 is in force.")
    assert maximum_of(here, "garage") == 100
    forgive(here, "422")


def test_two_admins_don_t_undo_each_other(open_page: Open, here: Served) -> None:
    """CF-1: 409 shows both versions; mine goes on top."""
    first, second = (open_page("/configuration/zones/edit?name=garage") for _ in range(2))
    change(first, "Maximum current", "80")
    first.get_by_role("button", name="Put in force").click()
    expect(first.locator("#toasts")).to_contain_text("Revision 8")
    change(second, "Name", "Garage below")
    expect(second.locator("h1")).to_contain_text("Somebody else changed the configuration")
    second.get_by_role("button", name="Review mine on top of revision 8").click()
    second.get_by_role("button", name="Put in force as revision 9").click()
    expect(second.locator("#toasts")).to_contain_text("Revision 9")
    assert maximum_of(here, "garage") == 80
    forgive(here, "409")


def change(page: Page, label: str, value: str) -> None:
    page.locator("#content").get_by_label(re.compile(f"^{label}")).fill(value)
    page.get_by_role("button", name="Review the change").click()


def test_a_second_connector_appears_when_it_is_wanted(open_page: Open, here: Served) -> None:
    """EL-3: the fields of what isn't there stay out of the way."""
    page = open_page("/configuration/stations/edit?name=CP-05")
    wiring = page.locator("[name='connectors.1.wiring']")
    expect(wiring).to_be_hidden()
    page.get_by_label("Connector 2").check()
    expect(wiring).to_be_visible()
    wiring.select_option("MONO1")
    page.get_by_role("button", name="Review the change").click()
    page.get_by_role("button", name="Put in force").click()
    expect(page.locator("#toasts")).to_contain_text("Revision 8")
    station = document_of(here.site.revisions[0].document).stations[4]
    assert [str(c.wiring) for c in station.connectors] == ["MONO2", "MONO1"]


def test_a_form_is_left_alone_while_the_site_lives(open_page: Open, here: Served) -> None:
    """UI-4: the frame and the inputs' states refresh, what was typed stays."""
    page = open_page("/configuration/section/inputs")
    page.locator("[name='channels.0.percent']").fill("45")
    here.site.change(inputs=(InputView("Grid operator", enabled=True, active=True, percent=50),))
    expect(page.locator("#input-states")).to_contain_text("active")
    expect(page.locator(".status-strip")).to_contain_text("Input “Grid operator”: 50 %")
    expect(page.locator("[name='channels.0.percent']")).to_have_value("45")


def test_stations_are_assigned_by_clicks(open_page: Open, here: Served) -> None:
    """UI-7: green hangs here, a click toggles."""
    page = open_page("/configuration/assignment?zone=garage")
    page.get_by_label("Deck north 1").check()
    page.get_by_label("Garage 6").uncheck()
    page.get_by_role("button", name="Review the change").click()
    expect(page.locator(".changes")).to_contain_text("stations[CP-07].zone")
    page.get_by_role("button", name="Put in force").click()
    expect(page.locator("#toasts")).to_contain_text("Revision 8")
    zones = {s.box_identity: s.zone for s in document_of(here.site.revisions[0].document).stations}
    assert (zones["CP-07"], zones["CP-06"]) == ("garage", None)


@pytest.mark.parametrize("size", ["laptop", "phone"])
def test_a_card_is_changed_in_its_row(open_page: Open, here: Served, size: str) -> None:
    """AU-4: inline, without leaving the list."""
    page = open_page("/cards", size=size, login="ursula")
    page.evaluate("window.notReloaded = true")
    page.get_by_label("Edit card 04A1B017C").click()
    page.get_by_label("Comment").nth(-1).wait_for()
    editing = page.locator("tr.editing")
    editing.get_by_label("Comment").fill("c" * 51)
    editing.get_by_label("Save card").click()
    expect(editing.get_by_role("alert")).to_contain_text("At most 50")
    editing.get_by_label("Comment").fill("Berta")
    editing.get_by_label("VIP").check()
    editing.get_by_label("Save card").click()
    expect(page.locator("tr.verdict-new")).to_contain_text("Berta")
    assert here.site.cards["04a1b017c"].vip
    assert page.evaluate("window.notReloaded") is True
    forgive(here, "422")


def test_many_cards_are_changed_and_a_list_is_imported(open_page: Open, here: Served) -> None:
    """AU-4, AU-6: a question before each; the report before the import."""
    page = open_page("/cards", login="ursula")
    page.get_by_label("Select 04A1B017C").check()
    page.get_by_label("Select 04A1B027C").check()
    expect(page.locator("[data-selected]")).to_contain_text("2 selected")
    page.locator("select[name=set_vip]").select_option("yes")
    page.locator(".card-tools").get_by_role("button", name="Change").click()
    expect(page.locator("h1")).to_have_text("Change these 2 cards?")
    page.get_by_role("button", name="Change", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("2 cards are changed.")
    assert here.site.cards["04a1b027c"].vip
    page.get_by_text("Import a list").click()
    page.get_by_label("File").set_input_files(
        {
            "name": "list.csv",
            "mimeType": "text/csv",
            "buffer": b"IdTag;Status\n04A1B017C;Accepted\nNEW;Accepted\n",
        }
    )
    page.get_by_role("button", name="Check the file").click()
    expect(page.locator(".import")).to_contain_text("added")
    page.get_by_role("button", name="Replace the list").click()
    expect(page.locator("#toasts")).to_contain_text("The list holds 2 cards now.")
    assert sorted(here.site.cards) == ["04a1b017c", "new"]


def test_a_user_is_added_with_the_admin_s_own_password(open_page: Open, here: Served) -> None:
    """US-1, US-2: typed twice, can be revealed."""
    page = open_page("/users")
    page.get_by_label("Login", exact=True).fill("ned")
    page.get_by_label("New password").fill("Quay-street-22-x")
    page.get_by_label("The same again").fill("Quay-street-22-x")
    page.get_by_role("button", name="Show the passwords").click()
    expect(page.get_by_label("New password")).to_have_attribute("type", "text")
    page.get_by_label("Your own password").fill(PASSWORD)
    page.get_by_role("button", name="Add").click()
    expect(page.locator("#toasts")).to_contain_text("ned can log in now.")
    assert here.site.users["ned"].role == "user"


def test_why_is_told_on_the_zone_page(open_page: Open, here: Served) -> None:
    """UI-9: each phase has its sentence."""
    page = open_page("/zones/main")
    page.get_by_text("Why these amperes?").click()
    expect(page.locator(".why-more li")).to_have_count(3)
    expect(page.locator(".why-more li").first).to_contain_text(
        re.compile(r"L1 of Main switchboard.*189\.4 A")
    )
    zone = here.site.snapshot.zones[next(iter(here.site.snapshot.zones))]
    here.site.set_zone(replace(zone, limit=(10.0, 10.0, 10.0)))
    expect(page.locator(".why-more li").first).to_contain_text("may have 10 A")
    assert not [m for _, m in here.site.told if isinstance(m, RequestAction)]


def parent_of(here: Served, zone: str) -> str | None:
    return next(z.parent for z in document_of(here.site.revisions[0].document).zones if z.id == zone)


def put_in_force(page: Page) -> None:
    accepted = page.get_by_role("button", name="Put in force")
    expect(accepted).to_be_visible()
    for box in page.locator("main input[type=checkbox]").all():  # a fuse that need not hold
        box.check()
    accepted.click()
    expect(page.locator("#toasts")).to_contain_text("in force")


@pytest.mark.parametrize("assisted", [False, True])
def test_a_zone_is_dragged_below_another_and_to_the_top(
    open_page: Open, here: Served, assisted: bool
) -> None:
    """UI-6: in the tree of the settings and of the assistant; what can't be is said and nothing happens."""
    page = open_page("/assistant" if assisted else "/configuration/zones")
    if assisted:
        page.locator("form[action='/assistant'] button").click()
        page.goto(here.address + "/configuration/zones")
        expect(page.locator(".assistant-bar")).to_be_visible()

    def drag(zone: str, target: str) -> None:
        page.goto(here.address + "/configuration/zones")
        page.locator(f"tr[data-zone={zone}]").drag_to(page.locator(target))

    drag("deck-north", "tr[data-zone=main]")
    put_in_force(page)
    assert parent_of(here, "deck-north") == "main"
    drag("deck-north", "[data-no-zone]")
    expect(page.locator("h1")).to_have_text("deck-north fed by no other zone")
    put_in_force(page)
    assert parent_of(here, "deck-north") is None
    drag("deck-north", "tr[data-zone=garage]")
    expect(page.get_by_role("alert")).to_contain_text("must be a zone without sub-zones")
    assert parent_of(here, "deck-north") is None
    forgive(here, "422")
