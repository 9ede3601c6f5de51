"""Who may do what in a store: the one thing that a server asks."""

from __future__ import annotations

from runjson_tracker.access.arriving import Arriving
from runjson_tracker.access.audit import Audit
from runjson_tracker.access.guesses import Guesses
from runjson_tracker.access.invitations import Invitations
from runjson_tracker.access.members import Members
from runjson_tracker.access.people import People
from runjson_tracker.access.sessions import Sessions
from runjson_tracker.access.shares import Shares
from runjson_tracker.access.tokens import Tokens


class Access(Members, People, Sessions, Tokens, Invitations, Shares, Audit, Arriving, Guesses):
    """Who may do what in a store. It answers questions, and changes what it is told to; whoever calls it asks first.

    Names and secrets may be any text, as they come from outside: what is not there is None, or a sentence by
    `AccessRefused`.
    """
