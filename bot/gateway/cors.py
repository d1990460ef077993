"""Cross-origin calls: the widget runs on companies' own sites, each allowed by its company's data."""

from __future__ import annotations

from aiohttp import web

from bot.delivery.services import SERVICES

_ALLOW = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "600",
}


@web.middleware
async def allow_origins(request: web.Request, handler) -> web.StreamResponse:
    """Answers preflights and marks the API's answers for the origins that some company allows."""
    origin = request.headers.get("Origin")
    if not origin or not request.path.startswith(("/api/", "/widget")):
        return await handler(request)
    allowed = is_allowed(request, origin)
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        response: web.StreamResponse = web.Response(status=204)
        if allowed:
            response.headers.update(_ALLOW)
    else:
        response = await handler(request)
    if allowed and not response.prepared:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = "Retry-After"
        response.headers.add("Vary", "Origin")
    return response


def is_allowed(request: web.Request, origin: str) -> bool:
    """Whether some company's site may be at that origin, or it is the desk's own."""
    own = f"{request.scheme}://{request.host}"
    companies = request.app[SERVICES].library.companies()
    return origin == own or any(origin in c.origins or "*" in c.origins for c in companies)
