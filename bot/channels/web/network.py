"""Where a request comes from, for counting."""

from __future__ import annotations

import ipaddress

from aiohttp import web


def network_of(request: web.Request) -> str | None:
    """The client's network, to count hits by; None for a client on this machine itself, which is not limited.

    An IPv6 client owns a whole /64, so that is what is counted.
    """
    forwarded = any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-IP"))
    try:
        address = ipaddress.ip_address(request.remote or "")
    except ValueError:
        return "unknown"
    if address.is_loopback and not forwarded:
        return None
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
