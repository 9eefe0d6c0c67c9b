"""What the settings of the configuration document are called on the pages, and the words of their choices."""

import re
from collections.abc import Iterable, Mapping

from web.languages import gettext, mark

__all__ = [
    "ADVICE",
    "CHOICES",
    "CHOSEN_ONCE",
    "REFERENCES",
    "SECTIONS",
    "SELDOM",
    "choice_word",
    "in_words",
    "label_of",
    "path_words",
    "unit_of",
]

SECTIONS = {
    "site": mark("Site"),
    "zones": mark("Zones"),
    "stations": mark("Stations"),
    "meters": mark("Meters"),
    "meter_models": mark("Meter models"),
    "tariff": mark("Times of use"),
    "inputs": mark("Digital inputs"),
    "load_shedding": mark("Load shedding"),
    "authentication": mark("Authentication"),
    "cpo": mark("Remote supervision"),
    "webservices": mark("Web services"),
    "network": mark("Network"),
    "ocpp": mark("Station network"),
    "web": mark("Web interface"),
    "advanced": mark("Advanced"),
}
"""The parts of the document by their titles, in the order in which people need them."""

ADVICE = {
    "tariff": mark(
        "In its periods a zone may use only a part of its maximum; where two are on, the lower counts. While "
        "a digital input is active the times of use are ignored."
    ),
    "inputs": mark(
        "Contacts from outside, such as the grid operator's: of those that are active the lowest percentage "
        "counts, for every zone."
    ),
    "load_shedding": mark("Who charges when there isn't enough for all, and what a car gets at least."),
    "authentication": mark("Who may charge, where no zone and no station says otherwise."),
    "network": mark(
        "The addresses of the machine that EVCE runs on. What is changed here is put back unless you confirm "
        "it from the new address."
    ),
    "ocpp": mark("Where the stations connect: each with its box identity at the end of the address."),
    "cpo": mark("An operator elsewhere sees each station; the limits of this site stay in force."),
    "webservices": mark(
        "Programs of others read the site over HTTPS; one of them may limit zones. Each has a user of the "
        "role Web services."
    ),
    "advanced": mark("Values that a site rarely needs to touch."),
}
"""What a part of the document is for, in a sentence or two."""

REFERENCES = {
    "zones[].parent": "zones",
    "zones[].meter": "meters",
    "stations[].zone": "zones",
    "meters[].zone": "zones",
    "meters[].model": "models",
    "tariff.periods[].zones[]": "zones",
}
"""Settings that name a thing of another list."""

CHOSEN_ONCE = ("zones[].id", "meters[].id", "meter_models[].id")
"""Names by which the document refers to a thing: chosen with it, and kept as long as it is there."""

SELDOM = (
    "site.licence",
    "ocpp.profile_memory",
    "ocpp.files_port",
    "ocpp.file_transfer",
    "ocpp.ftp_port",
    "ocpp.ftps_port",
    "ocpp.ftp_data_port_first",
    "ocpp.ftp_data_port_last",
    "ocpp.files_address",
    "ocpp.tls_certificate_file",
    "ocpp.tls_key_file",
    "ocpp.tls_names",
    "ocpp.tls_client_ca_file",
    "zones[].id",
    "stations[].security_profile",
    "stations[].authentication",
    "stations[].offline",
    "stations[].profile_memory",
    "stations[].file_transfer",
    "meters[].id",
    "meters[].poll_ms",
    "meter_models[].id",
    "cpo.transaction_attempts",
    "cpo.retry_interval_s",
    "cpo.ping_interval_s",
    "cpo.meter_interval_s",
    "cpo.plug_numbering",
    "cpo.proxy",
    "cpo.credentials_file",
    "cpo.ca_file",
    "cpo.certificate_file",
    "cpo.key_file",
)
"""Settings that few sites touch: folded away on their form as long as they are as nobody set them."""

CHOICES = (
    "authentication",
    "days",
    "family",
    "file_transfer",
    "floor_standard",
    "kind",
    "mode",
    "model",
    "offline",
    "profile_memory",
    "parity",
    "priority",
    "protocol",
    "quantity",
    "role",
    "sockets",
    "word_order",
)
"""Settings whose words are chosen from a list, by the end of their paths."""

_LABELS = {
    "site.name": mark("Name of the site"),
    "site.time_zone": mark("Time zone"),
    "site.licence": mark("Licence"),
    "ocpp.host": mark("Listen on"),
    "ocpp.port": mark("Port"),
    "ocpp.heartbeat_s": mark("Heartbeat interval"),
    "ocpp.meter_interval_s": mark("Meter value interval"),
    "ocpp.profile_memory": mark("Memory for charging profiles"),
    "ocpp.files_port": mark("Port for files"),
    "ocpp.update_firmware": mark("Update stations by themselves"),
    "ocpp.file_transfer": mark("Files go by"),
    "ocpp.ftp_port": mark("Port for FTP"),
    "ocpp.ftps_port": mark("Port for FTPS"),
    "ocpp.ftp_data_port_first": mark("First port for FTP data"),
    "ocpp.ftp_data_port_last": mark("Last port for FTP data"),
    "ocpp.files_address": mark("Address for files"),
    "ocpp.security_profile": mark("Least security profile"),
    "ocpp.tls_port": mark("Port with TLS"),
    "ocpp.tls_certificate_file": mark("Own certificate"),
    "ocpp.tls_key_file": mark("Its private key"),
    "ocpp.tls_names": mark("Further names and addresses"),
    "ocpp.tls_client_ca_file": mark("Trusted authorities"),
    "web.host": mark("Listen on"),
    "web.port": mark("Port"),
    "web.session_timeout_s": mark("Session time-out"),
    "web.login_attempts": mark("Failed logins before a lock"),
    "web.login_lock_s": mark("Length of a lock"),
    "web.announce": mark("Announce on the local network"),
    "web.releases": mark("Address of releases"),
    "network.mode": mark("Addresses"),
    "network.interface": mark("Network interface"),
    "network.address": mark("IP address"),
    "network.mask": mark("Network mask"),
    "network.gateway": mark("Gateway"),
    "network.dns_1": mark("Preferred DNS server"),
    "network.dns_2": mark("Other DNS server"),
    "network.dhcp_server": mark("DHCP server for the stations"),
    "network.dhcp_first": mark("Lowest address given"),
    "network.dhcp_last": mark("Highest address given"),
    "zones[].id": mark("Short name"),
    "zones[].name": mark("Name"),
    "zones[].parent": mark("Fed by"),
    "zones[].maximum_a": mark("Maximum current"),
    "zones[].mode": mark("Limit"),
    "zones[].meter": mark("Meter"),
    "zones[].degraded_setpoint_a": mark("Degraded setpoint"),
    "zones[].building_maximum_a": mark("Most the building draws"),
    "zones[].authentication": mark("Who may charge"),
    "stations[].box_identity": mark("Box identity"),
    "stations[].name": mark("Name"),
    "stations[].family": mark("Family"),
    "stations[].zone": mark("Zone"),
    "stations[].vip": mark("VIP station"),
    "stations[].address": mark("IP address"),
    "stations[].serial_number": mark("Serial number"),
    "stations[].security_profile": mark("Least security profile"),
    "stations[].authentication": mark("Who may charge"),
    "stations[].offline": mark("While disconnected"),
    "stations[].profile_memory": mark("Memory for charging profiles"),
    "stations[].file_transfer": mark("Files go by"),
    "stations[].connectors": mark("Connector"),
    "stations[].connectors[].wiring": mark("Wiring"),
    "stations[].connectors[].rating_a": mark("Rating"),
    "stations[].connectors[].sockets": mark("Sockets"),
    "meters[].id": mark("Short name"),
    "meters[].name": mark("Name"),
    "meters[].role": mark("What it is for"),
    "meters[].zone": mark("Zone"),
    "meters[].model": mark("Model"),
    "meters[].protocol": mark("Protocol"),
    "meters[].host": mark("Address"),
    "meters[].port": mark("Port"),
    "meters[].device": mark("Serial line"),
    "meters[].baud": mark("Bits per second"),
    "meters[].parity": mark("Parity"),
    "meters[].stop_bits": mark("Stop bits"),
    "meters[].unit": mark("Unit id"),
    "meters[].poll_ms": mark("Poll period"),
    "meter_models[].id": mark("Short name"),
    "meter_models[].name": mark("Name"),
    "meter_models[].word_order": mark("Word order"),
    "meter_models[].registers": mark("Register"),
    "meter_models[].registers[].quantity": mark("Quantity"),
    "meter_models[].registers[].address": mark("Register number"),
    "meter_models[].registers[].format": mark("Format"),
    "meter_models[].registers[].kind": mark("Type"),
    "meter_models[].registers[].scale": mark("Scale factor"),
    "inputs.enabled": mark("Use the digital inputs"),
    "inputs.safe_percent": mark("Safe state"),
    "inputs.reset_contact": mark("Reset contact"),
    "inputs.reset_drive_pin": mark("Its driven pin"),
    "inputs.reset_sense_pin": mark("Its read pin"),
    "inputs.channels": mark("Input"),
    "inputs.channels[].name": mark("Name"),
    "inputs.channels[].percent": mark("Share of the maximum"),
    "inputs.channels[].pin": mark("GPIO pin"),
    "inputs.channels[].enabled": mark("Counts"),
    "tariff.enabled": mark("Follow the times of use"),
    "tariff.periods[].name": mark("Name"),
    "tariff.periods[].percent": mark("Share of the maximum"),
    "tariff.periods[].slots": mark("Time slots"),
    "tariff.periods[].days": mark("Days"),
    "tariff.periods[].enabled": mark("Counts"),
    "tariff.periods[].zones": mark("Zones"),
    "load_shedding.floor_standard": mark("Floor standard"),
    "load_shedding.priority": mark("Priority"),
    "load_shedding.review_minutes": mark("Review every"),
    "authentication.mode": mark("Who may charge"),
    "authentication.offline": mark("While disconnected"),
    "cpo.enabled": mark("Connect to a remote operator"),
    "cpo.url": mark("Address of the operator"),
    "cpo.transaction_attempts": mark("Attempts per transaction message"),
    "cpo.retry_interval_s": mark("Wait between attempts"),
    "cpo.ping_interval_s": mark("Ping interval"),
    "cpo.meter_interval_s": mark("Meter value interval"),
    "cpo.time_from_operator": mark("Take the time from the operator"),
    "cpo.plug_numbering": mark("Plug numbering"),
    "cpo.proxy": mark("HTTP proxy"),
    "cpo.credentials_file": mark("File with the stations' passwords"),
    "cpo.ca_file": mark("Trusted authorities"),
    "cpo.certificate_file": mark("Own certificate"),
    "cpo.key_file": mark("Its private key"),
    "webservices.enabled": mark("Web services"),
    "webservices.remote_energy_management": mark("Remote energy management"),
    "webservices.remote_login": mark("Its login"),
    "webservices.setpoint_period_s": mark("Least time between raises"),
    "webservices.time_synchronisation": mark("Time synchronisation"),
    "webservices.heartbeat_period_s": mark("Heartbeat period"),
    "advanced.lease_dynamic_s": mark("Lease in dynamic zones"),
    "advanced.lease_static_s": mark("Lease in static zones"),
    "advanced.profile_writes_a_day": mark("Profiles a day, kept in flash"),
    "advanced.ramp_a_per_s": mark("Rise of a dynamic limit"),
    "advanced.consumption_optimisation": mark("Consumption optimisation"),
}

_WORDS = {
    "host": mark("As the machine is set up"),
    "fixed": mark("Fixed"),
    "dhcp": mark("From a DHCP server"),
    "static": mark("Static: its maximum"),
    "dynamic": mark("Dynamic: what the building leaves"),
    "inherit": mark("As the level above"),
    "all_cards": mark("All cards"),
    "known_cards": mark("Only known cards"),
    "plug_and_charge": mark("No card: plug and charge"),
    "accept": mark("Accept all"),
    "reject": mark("Reject all"),
    "cache": mark("Cards used there before"),
    "unknown": mark("Unknown: counts as flash"),
    "flash": mark("Flash, which wears out"),
    "ram": mark("RAM, which does not wear out"),
    "http": mark("HTTP"),
    "ftp": mark("FTP"),
    "ftps": mark("FTPS (FTP within TLS)"),
    "iec61851": mark("IEC 61851: 6 A"),
    "evze_ready": mark("EV/ZE ready: 8 A single-phase, 14 A three-phase"),
    "energy": mark("By energy"),
    "duration": mark("By duration"),
    "departure": mark("By departure"),
    "zone": mark("Limit of a zone"),
    "reporting": mark("Shown and recorded only"),
    "production": mark("Local production"),
    "mon": mark("Mon"),
    "tue": mark("Tue"),
    "wed": mark("Wed"),
    "thu": mark("Thu"),
    "fri": mark("Fri"),
    "sat": mark("Sat"),
    "sun": mark("Sun"),
    "city": mark("City"),
    "parking": mark("Parking"),
    "smart_wallbox": mark("Smart Wallbox"),
    "pro_ac": mark("Pro AC"),
    "pro_ac_metal": mark("Pro AC Metal"),
    "dc_24": mark("DC 24 kW"),
    "generic": mark("Generic OCPP 1.6"),
    "TE": mark("TE (domestic)"),
    "T2": mark("T2"),
    "T2S": mark("T2S (shutter)"),
    "CCS": mark("CCS"),
    "CHAdeMO": mark("CHAdeMO"),
    "current_l1": mark("Current L1"),
    "current_l2": mark("Current L2"),
    "current_l3": mark("Current L3"),
    "active_power_l1": mark("Active power L1"),
    "active_power_l2": mark("Active power L2"),
    "active_power_l3": mark("Active power L3"),
    "active_power": mark("Total active power"),
    "energy_delivered": mark("Energy delivered"),
    "holding": mark("Holding register"),
    "input": mark("Input register"),
    "high_first": mark("High part first"),
    "low_first": mark("Low part first"),
    "tcp": mark("Modbus TCP"),
    "rtu": mark("Modbus RTU (serial line)"),
    "even": mark("Even"),
    "odd": mark("Odd"),
    "none": mark("None"),
    "pm5320": mark("PM5320"),
    "iem3x5x": mark("iEM3x5x"),
    "powertag": mark("PowerTag"),
    "nsx_legacy": mark("NSX (legacy)"),
    "nsx": mark("NSX"),
    "mtz": mark("MTZ"),
}

_SHORT = {
    "static": mark("Static"),
    "dynamic": mark("Dynamic"),
    "plug_and_charge": mark("No card"),
    "unknown": mark("Unknown"),
    "flash": mark("Flash"),
    "ram": mark("RAM"),
    "iec61851": mark("IEC 61851"),
    "evze_ready": mark("EV/ZE ready"),
}
"""How a sentence names a choice whose own words explain it, too."""

_UNITS = (("_a_per_s", "A/s"), ("_a", "A"), ("_ms", "ms"), ("_s", "s"), ("_minutes", "min"), ("percent", "%"))


def label_of(setting: str) -> str:
    """The label of a setting such as `zones[].maximum_a`; of one that nobody has named, its own words."""
    known = _LABELS.get(setting)
    if known is not None:
        return gettext(known)
    return setting.rpartition(".")[2].removesuffix("[]").replace("_", " ").capitalize()


def choice_word(word: str) -> str:
    """A choice as people read it."""
    known = _WORDS.get(word)
    return word.replace("_", " ") if known is None else gettext(known)


def unit_of(setting: str) -> str:
    """The unit that the end of a setting's name tells, empty without one."""
    return next((unit for ending, unit in _UNITS if setting.endswith(ending)), "")


_SETTING = re.compile(r"(?<![\w./:])(?:[a-z]+\.)?[a-z]+(?:_[a-z]+)+(?![\w/])|(?<![\w./:])ocpp(?![\w./])")
_BY_ENDING = {setting.rpartition(".")[2]: setting for setting in reversed(_LABELS)}
_STEP = re.compile(r"([a-z_]+)(?:\[([^\]]*)\])?")


def in_words(text: str, codes: Iterable[str] = ()) -> str:
    """A sentence of the document's reference in the words of the pages.

    Each of `codes`, choices such as `known_cards`, is named once as the page offers it; settings such as
    `ocpp.meter_interval_s` by their labels.
    """
    for code in codes:
        offered = gettext(_SHORT[code]) if code in _SHORT else choice_word(code)
        if offered != code:
            text = re.sub(rf"(?<![\w.]){re.escape(code)}(?!\w)", f"“{offered}”", text, count=1)
    return _SETTING.sub(_labelled, text)


def _labelled(found: re.Match[str]) -> str:
    path = found[0]
    section = SECTIONS.get(path.partition(".")[0])
    if section is not None:
        return f"“{': '.join([gettext(section), *([label_of(path)] if path in _LABELS else [])])}”"
    setting = _BY_ENDING.get(path)
    return path if setting is None else f"“{label_of(setting)}”"


def path_words(path: str, names: Mapping[str, str] | None = None) -> str:
    """A place of the document such as `zones[main].maximum_a` in words: “Main”, Maximum current.

    `names` has what is shown for the names in brackets; without it they stand as they are.
    """
    plain, bracket, rest = path.partition(" (")
    setting, words = "", []
    for key, name in _STEP.findall(plain):
        setting = f"{setting}.{key}" if setting else key
        words.append(gettext(SECTIONS[setting]) if setting in SECTIONS else label_of(setting))
        if name:
            number = name.startswith("#")
            words[-1] = f"{words[-1]} {name[1:]}" if number else f"“{(names or {}).get(name, name)}”"
            setting += "[]"
    return ", ".join(words) + (f"{bracket}{rest}" if bracket else "")
