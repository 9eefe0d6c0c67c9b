"""The test cases of the Open Charge Alliance for an OCPP 1.6 central system, and which of them apply."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["CASES", "Case", "Status"]


class Status(StrEnum):
    """Whether a case is proven here."""

    APPLICABLE = "applicable"
    """It has a test."""
    NOT_APPLICABLE = "not applicable"
    """It asks for something that the product doesn't do on purpose; the reason says what."""
    MISSING = "missing"
    """It applies and has no test yet; the reason says what it waits for."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case by its number, as the tool lists it."""

    number: str
    title: str
    status: Status = Status.APPLICABLE
    reason: str = ""

    @property
    def prefix(self) -> str:
        """What the name of its test begins with."""
        return f"test_octt_{self.number}_"


CASES = (
    Case("001", "Cold boot charge point"),
    Case("003", "Regular charging session, plug-in first"),
    Case("004_1", "Regular charging session, identification first"),
    Case("004_2", "Regular charging session, identification first, ConnectionTimeOut"),
    Case("005_1", "EV side disconnected, StopTransactionOnEVSideDisconnect"),
    Case("007", "Regular start of a session with a cached id"),
    Case("010", "Remote start, cable plugged in first"),
    Case("011_1", "Remote start, remote start first"),
    Case("011_2", "Remote start, time-out"),
    Case("012", "Remote stop"),
    Case("013", "Hard reset"),
    Case("014", "Soft reset"),
    Case("017_1", "Unlock connector, no session, not a fixed cable"),
    Case("017_2", "Unlock connector, no session, fixed cable"),
    Case("018_1", "Unlock connector with a session"),
    Case("019_1", "Retrieve all configuration keys"),
    Case("019_2", "Retrieve a specific configuration key"),
    Case("021", "Change a configuration key"),
    Case("023_1", "Authorize, Invalid"),
    Case("023_2", "Authorize, Expired"),
    Case("023_3", "Authorize, Blocked"),
    Case("024", "Start a session, lock failure"),
    Case("026", "Remote start rejected"),
    Case("028", "Remote stop rejected"),
    Case("030", "Unlock failure"),
    Case("031", "Unlock an unknown connector"),
    Case("032_1", "Power failure, the station stops its transactions"),
    Case("037_1", "Offline start, valid id"),
    Case("037_3", "Offline start, invalid id, StopTransactionOnInvalidId"),
    Case("039", "Offline transaction"),
    Case("040_1", "Configuration key, NotSupported"),
    Case("040_2", "Configuration key, invalid value"),
    Case("042_1", "Get local list version, not supported"),
    Case("042_2", "Get local list version, empty"),
    Case("043_1", "Send local list, NotSupported"),
    Case("043_3", "Send local list, Failed"),
    Case("043_4", "Send local list, Full"),
    Case("043_5", "Send local list, Differential"),
    Case("044_1", "Firmware update, download and install"),
    Case("044_2", "Firmware update, download failed"),
    Case("044_3", "Firmware update, installation failed"),
    Case("045_1", "Get diagnostics"),
    Case("045_2", "Get diagnostics, upload failed"),
    Case("046", "Reservation, transaction"),
    Case("047", "Reservation, expire"),
    Case("048_1", "Reservation, Faulted"),
    Case("048_2", "Reservation, Occupied"),
    Case("048_3", "Reservation, Unavailable"),
    Case("048_4", "Reservation, Rejected"),
    Case("049", "Reservation of a whole charge point"),
    Case("051", "Cancel reservation"),
    Case("052", "Cancel reservation, rejected"),
    Case("053", "Reservation used with the parentIdTag"),
    Case("054", "Trigger message"),
    Case("055", "Trigger message, rejected"),
    Case("056", "Central smart charging, TxDefaultProfile"),
    Case("057", "Central smart charging, TxProfile"),
    Case("059", "Remote start with a charging profile"),
    Case("061", "Clear authorization cache"),
    Case("064", "Data transfer to the central system"),
    Case("066", "Get composite schedule"),
    Case("067", "Clear charging profile"),
    Case("073", "Update the password of basic authentication"),
    Case("074", "Update the charge point's certificate on request of the central system"),
    Case("075_1", "Install a certificate, ManufacturerRootCertificate"),
    Case("075_2", "Install a certificate, CentralSystemRootCertificate"),
    Case("076", "Delete a certificate"),
    Case("077", "Invalid ChargePointCertificate, security event"),
    Case("078", "Invalid CentralSystemCertificate, security event"),
    Case("079", "Get security log"),
    Case("080", "Secure firmware update"),
    Case("081", "Secure firmware update, invalid signature"),
    Case("083", "Upgrade the charge point's security profile"),
    Case("085", "Basic authentication, valid"),
    Case("086", "TLS, server certificate valid"),
    Case("087", "TLS, client certificate valid"),
    Case("088", "WebSocket subprotocol negotiation"),
)
