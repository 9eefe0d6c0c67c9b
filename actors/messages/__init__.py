"""The one vocabulary of the actors: facts in the past tense, orders in the imperative, questions."""

from actors.messages.accounts import *  # noqa: F403
from actors.messages.base import *  # noqa: F403
from actors.messages.control import *  # noqa: F403
from actors.messages.cpo import *  # noqa: F403
from actors.messages.meters import *  # noqa: F403
from actors.messages.ocpp import *  # noqa: F403
from actors.messages.remote import *  # noqa: F403
from actors.messages.security import *  # noqa: F403
from actors.messages.site import *  # noqa: F403
from actors.messages.site_time import *  # noqa: F403
from actors.messages.storage import *  # noqa: F403
from actors.messages.supervision import *  # noqa: F403
from actors.messages.view import *  # noqa: F403
