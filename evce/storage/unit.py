"""The unit of work: everything written inside it is on the disk when it ends, or nothing is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Engine
from sqlmodel import Session

from evce.storage.engine import reading, writing
from evce.storage.errors import storage_error

__all__ = ["Part", "UnitOfWork"]


class UnitOfWork:
    """Hands out the database session of the group that is open, or of one made for a single call.

    `begin` runs inside the first write transaction before anything else is written, `begun` once that is
    durable; if `begun` meets an OSError it runs again after the next write. For one thread at a time,
    like the connection below it.
    """

    def __init__(self, engine: Engine, begin: Callable[[Session], None], begun: Callable[[], None]) -> None:
        self._engine = engine
        self._begin: Callable[[Session], None] | None = begin
        self._begun: Callable[[], None] | None = begun
        self._open: Session | None = None

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction; nested calls join the outer one. Commits at the end of the outermost.

        Raises StorageUnavailableError when the disk refuses (nothing of the group is kept then). Any
        other error rolls back too and passes through.
        """
        if self._open is not None:
            yield self._open
            return
        with (
            self.translated(),
            self._engine.connect() as connection,
            writing(connection).begin(),
            Session(connection, expire_on_commit=False) as db,
        ):
            self._open = db
            try:
                if self._begin is not None:
                    self._begin(db)
                yield db
                db.flush()
            finally:
                self._open = None
        self._begin = None
        if self._begun is not None:
            with suppress(OSError):
                self._begun()
                self._begun = None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A consistent view; inside a group it sees what the group has written."""
        if self._open is not None:
            yield self._open
            return
        with (
            self.translated(),
            self._engine.connect() as connection,
            reading(connection).begin(),
            Session(connection) as db,
        ):
            yield db

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turns what the disk refuses into StorageUnavailableError; mistakes of ours pass through."""
        try:
            yield
        except Exception as error:
            trouble = storage_error(error)
            if trouble is None:
                raise
            # After an I/O error the connection's own idea of the file may be wrong: begin afresh.
            self._engine.dispose()
            if trouble is error:
                raise
            raise trouble from error


class Part:
    """A part of the store: calls that share its unit of work."""

    _unit: UnitOfWork
