"""Maintenance reports: what a service engineer wants to know, as one page of HTML without any secret."""

from evce.reports.inside import ActorFigures, HostFacts, Inside, LogLine
from evce.reports.page import Section, Table, html_page
from evce.reports.site import SiteRecords, site_sections
from evce.reports.station import StationRecords, station_sections

__all__ = [
    "ActorFigures",
    "HostFacts",
    "Inside",
    "LogLine",
    "Section",
    "SiteRecords",
    "StationRecords",
    "Table",
    "html_page",
    "site_sections",
    "station_sections",
]
