"""Where a request comes from, and what a proxy in front says of it."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from fastapi import Request

from runjson_server.problems import Problem
from runjson_server.settings import Settings

# Characters of an address that are kept: one of IPv6 with a zone has fewer.
_ADDRESS: Final = 64


def is_trusted(request: Request, settings: Settings) -> bool:
    """Whether a request comes from a proxy that is believed."""
    return request.client is not None and _is_proxy(request.client.host, settings)


def client_address(request: Request, settings: Settings) -> str | None:
    """The address of the client, as proxies that are believed say it, or as the connection has it."""
    if request.client is None:
        return None
    # Each proxy adds whom it saw, at the end. What stands before the first that is no proxy of ours is a client's word.
    said = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    seen = [one.strip()[:_ADDRESS] for one in said if one.strip()]
    address = request.client.host
    while seen and _is_proxy(address, settings):
        address = seen.pop()
    return address


def person_named(request: Request, settings: Settings) -> str:
    """The name of the person for whom a proxy that is believed asks; empty if none is said, or by somebody else.

    Raises:
        Problem: several names are said: a client gave one, and the proxy added its own.
    """
    if not settings.person_header or not is_trusted(request, settings):
        return ""
    names = request.headers.getlist(settings.person_header)
    if len(names) > 1:
        raise Problem(
            400, f"The header {settings.person_header} came twice: the proxy must replace it, and not add to it."
        )
    return names[0] if names else ""


def _is_proxy(address: str, settings: Settings) -> bool:
    found = _parsed(address)
    return found is not None and any(found in ip_network(one, strict=False) for one in settings.proxies)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address)
    except ValueError:
        return None
    # A socket for both protocols shows 127.0.0.1 as ::ffff:127.0.0.1.
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def household(address: str | None) -> str:
    """What stands for all addresses that one client can take at will: of IPv6 a network of 64 bits."""
    found = None if address is None else _parsed(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found.packed[:8] + bytes(8), 64)))
    return str(found or address)
