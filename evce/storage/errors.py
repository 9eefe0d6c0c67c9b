"""What can go wrong with the database, told apart by what has to happen next.

::

    StorageError (OSError)                 evce.errors
    ├── StorageUnavailableError            disk full, read-only, locked, I/O error: nothing kept, try again
    │   └── CorruptDatabaseError           the file is damaged: quarantine it, go on with a snapshot
    └── NewerSchemaError                   a newer EVCE wrote the file: this one keeps its hands off
"""

import sqlite3

from sqlalchemy import exc

from evce.errors import EvceError, StorageError

__all__ = ["CorruptDatabaseError", "NewerSchemaError", "StorageUnavailableError", "storage_error"]


class StorageUnavailableError(StorageError):
    """Nothing was committed, and trying again later may work."""


class CorruptDatabaseError(StorageUnavailableError):
    """The database file is damaged; it works again once it has been replaced."""


class NewerSchemaError(StorageError):
    """The database was written by a newer version of EVCE; nothing was read or changed."""


_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_UNAVAILABLE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOLFS,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH,
}
_PRIMARY_CODE = 0xFF  # extended result codes carry the primary one in their lowest byte


def storage_error(error: BaseException) -> StorageUnavailableError | None:
    """The storage error behind `error`; None when it is no trouble of the disk but a mistake of ours.

    A statement that can't run (no such column, a constraint) is a mistake in the code: it must end the
    actor that made it rather than look like a full disk.
    """
    match error:
        case StorageUnavailableError():
            return error
        case EvceError():
            return None
        case exc.DBAPIError(orig=sqlite3.Error() as origin):
            return _of_sqlite(origin)
        case sqlite3.Error():
            return _of_sqlite(error)
        case exc.DBAPIError() if isinstance(error, (exc.OperationalError, exc.InterfaceError)):
            return StorageUnavailableError(str(error.orig))
        case exc.TimeoutError():
            return StorageUnavailableError(str(error))
        case OSError():
            return StorageUnavailableError(str(error))
        case _:
            return None


def _of_sqlite(error: sqlite3.Error) -> StorageUnavailableError | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        # Raised by the module itself rather than by the library: only the class tells.
        return StorageUnavailableError(str(error)) if isinstance(error, sqlite3.OperationalError) else None
    if code & _PRIMARY_CODE in _CORRUPT:
        return CorruptDatabaseError(f"the database file is damaged: {error}")
    return StorageUnavailableError(str(error)) if code & _PRIMARY_CODE in _UNAVAILABLE else None
