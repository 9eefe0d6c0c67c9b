"""The section of a site document for the web services: whether programs may read, and who may limit zones."""

from typing import Annotated

from pydantic import Field

from evce.configuration.kinds import Name
from evce.configuration.sections import Section

__all__ = ["WebServicesSettings"]


class WebServicesSettings(Section):
    """What programs of others may do over HTTPS (API-1, API-3)."""

    enabled: bool = Field(
        default=False,
        description="Whether programs may read the site with a login of the role Webservices; the address is "
        "/api/v1, the description /api/v1/openapi.json.",
    )
    remote_energy_management: bool = Field(
        default=False,
        description="Whether one of these logins may limit zones, while the web services are enabled.",
    )
    remote_login: Name = Field(
        default="service", description="The login that may limit zones; its role is Webservices."
    )
    setpoint_period_s: Annotated[int, Field(ge=1, le=3_600)] = Field(
        default=60,
        description="Seconds in which the first limit that is set for a zone holds; a lower one is always "
        "taken at once.",
    )
    time_synchronisation: bool = Field(
        default=False,
        description="Whether these logins may set the site's time, while the web services are enabled. "
        "Better left off where an operator is connected.",
    )
    heartbeat_period_s: Annotated[int, Field(ge=10, le=86_400)] = Field(
        default=600,
        description="Seconds without a sign of life of that login after which its limits are dropped, each "
        "rising as advanced.ramp_a_per_s says, and an alarm is raised.",
    )
