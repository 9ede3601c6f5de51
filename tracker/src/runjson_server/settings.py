"""What a server is told when it begins."""

from __future__ import annotations

import os
from ipaddress import ip_network
from typing import Final, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

_VARIABLE: Final = "RUNJSON_SERVER"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class OpenId(BaseModel):
    """Who says, by OpenID Connect, who a person is.

    Attributes:
        issuer: its address.
        client: what it calls this server.
        secret: that it shares with it; empty for a public client.
        scopes: that it is asked for.
        name: the claim that is a person's name here.
    """

    model_config = ConfigDict(frozen=True)

    issuer: str
    client: str
    secret: str = ""
    scopes: str = "openid profile email"
    name: str = "preferred_username"

    @field_validator("issuer")
    @classmethod
    def _safe(cls, issuer: str) -> str:
        place = urlsplit(issuer)
        if place.scheme != "https" and not (place.scheme == "http" and place.hostname in _LOOPBACK):
            raise ValueError(f'the issuer "{issuer}" is no https address: whoever listens in between could be anybody')
        return issuer


class Settings(BaseModel):
    """The settings of a server.

    Attributes:
        tracker: where its store is.
        alone: whether it serves one person on this machine, who needs no account.
        key: of that person: it comes with the address that is opened first, and becomes a cookie.
        ticket: stands for the key once, in the address with which a browser is begun: all users of a machine see that.
        hosts: the host names, with ports, under which it may be asked; empty for any.
        address: under which people reach it, such as `https://runs.example.org`; for links, cookies and sign-in.
        proxies: the addresses of proxies that are believed, in what they say of the client and of the person.
        person_header: the header in which such a proxy says who asks; empty for none.
        openid: who else says it.
        invited_only: whether a person whom a proxy or OpenID Connect names must have been added before.
        session: for how many seconds a sign-in lasts.
        anyone: whether people who have not signed in may read public projects.
        spool: the folder in which bodies and parts of files wait; the system's temporary folder by default.
        body: the most bytes of a request, before and after they are decompressed.
        document: the most bytes of a run file that is no stream, and of a line of one, since each is held in memory.
        file: the most bytes of one file of a run.
        stall: for how many seconds a client may send nothing in the middle of a request.
        uploads: how many large run files are read at once.
    """

    model_config = ConfigDict(frozen=True)

    tracker: str
    alone: bool = False
    key: str = ""
    ticket: str = ""
    hosts: tuple[str, ...] = ()
    address: str = ""
    proxies: tuple[str, ...] = ()
    person_header: str = ""
    openid: OpenId | None = None
    invited_only: bool = False
    session: float = 30 * 86400.0
    anyone: bool = True
    spool: str = ""
    body: int = Field(default=20 << 30, gt=0)
    document: int = Field(default=200 << 20, gt=0)
    file: int = Field(default=1 << 40, gt=0)
    stall: float = Field(default=30.0, gt=0)
    uploads: int = Field(default_factory=lambda: 2 + len(os.sched_getaffinity(0)), gt=0)

    @field_validator("proxies")
    @classmethod
    def _networks(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        for one in proxies:
            try:
                ip_network(one, strict=False)
            except ValueError:
                raise ValueError(f'the proxy "{one}" is no address, and no network such as 10.0.0.0/8') from None
        return proxies

    @property
    def secure(self) -> bool:
        """Whether it is reached by https alone, so that cookies may demand it."""
        return self.address.startswith("https://")

    def hand_on(self) -> None:
        """Leave them to the processes that this one starts."""
        os.environ[_VARIABLE] = self.model_dump_json()

    @classmethod
    def handed_on(cls) -> Self:
        """Those that the process which started this one left."""
        return cls.model_validate_json(os.environ.pop(_VARIABLE))
