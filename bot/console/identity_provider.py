"""The company's OpenID Connect provider: authorization code with PKCE, state and nonce; of its token every claim is checked."""

from __future__ import annotations

import base64
import ipaddress
import json
import secrets
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.rfc6749.parameters import parse_authorization_code_response, prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from bot.desk.errors import ForeignIdentity
from bot.desk.identity import Identity
from bot.settings import BadSetting, Settings

SCOPES = "openid email profile"
#: Signatures by a key pair only: with a shared secret whoever knows it could sign.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
#: What the provider says it asked for (RFC 8176), where that is more than a password.
SECOND_FACTORS = frozenset({"mfa", "otp", "hwk"})
TIMEOUT = aiohttp.ClientTimeout(total=10)
#: The provider's addresses and keys are asked for again after so many seconds.
KEEP_SECONDS = 3600.0
LARGEST_ANSWER = 1024 * 1024
#: Clocks differ by so many seconds at most.
LEEWAY = 60


@dataclass(frozen=True, slots=True)
class Journey:
    """What a browser keeps, sealed, while it is at the provider."""

    state: str
    nonce: str
    verifier: str

    def text(self) -> str:
        return json.dumps(asdict(self))


class IdentityProvider:
    """The one provider that the settings name, if they name one."""

    def __init__(self, settings: Settings):
        self.issuer = settings.oidc_issuer.rstrip("/")
        self.client = settings.oidc_client_id
        self.secret = settings.oidc_client_secret
        if self.issuer:
            _check(self.issuer, self.client, self.secret)
        self._config: tuple[float, dict] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def __bool__(self) -> bool:
        return bool(self.issuer)

    async def begin(self, back: str) -> tuple[str, Journey]:
        """Where to send the browser, and what it is to bring back; raises ForeignIdentity if the provider is away."""
        config = await self._find_config()
        journey = Journey(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))
        address = prepare_grant_uri(
            config["authorization_endpoint"],
            client_id=self.client,
            response_type="code",
            redirect_uri=back,
            scope=SCOPES,
            state=journey.state,
            nonce=journey.nonce,
            code_challenge=create_s256_code_challenge(journey.verifier),
            code_challenge_method="S256",
        )
        return address, journey

    async def finish(self, journey: Journey, address: str, back: str, now: datetime) -> Identity:
        """Who came back at that address; raises ForeignIdentity."""
        config = await self._find_config()
        try:
            answer = parse_authorization_code_response(address, journey.state)
            if answer.get("iss", config["issuer"]) != config["issuer"]:  # RFC 9207: of another provider
                raise ForeignIdentity("refused")
            tokens = await self._exchange(config, answer["code"], journey, back)
            claims = await self._read(config, tokens, journey, now)
            if "email" not in claims and "userinfo_endpoint" in config:
                claims = {**claims, **await self._ask_about(config, tokens, claims["sub"])}
        except (AuthlibBaseError, JoseError, KeyError, TypeError, ValueError):
            # What exactly did not hold is the provider's matter, or somebody's who forges; it holds tokens, so it is not logged.
            raise ForeignIdentity("refused") from None
        amr = claims.get("amr") or []
        return Identity(
            issuer=config["issuer"],
            subject=str(claims["sub"]),
            email=str(claims.get("email") or ""),
            email_verified=claims.get("email_verified") is True,
            strong=bool(SECOND_FACTORS.intersection(str(way) for way in amr)),
        )

    async def _exchange(self, config: dict, code: str, journey: Journey, back: str) -> dict:
        """The code for tokens. The desk proves itself as the provider wants it to."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": journey.verifier}
        headers = {}
        ways = config.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if "client_secret_basic" in ways or "client_secret_post" not in ways:
            pair = f"{quote(self.client, safe='')}:{quote(self.secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": self.client, "client_secret": self.secret}
        return await self._call("POST", config["token_endpoint"], data=form, headers=headers)

    async def _read(self, config: dict, tokens: dict, journey: Journey, now: datetime) -> dict:
        """The claims of the signed token, if each is as it has to be."""
        try:
            token = jwt.decode(tokens["id_token"], await self._find_keys(config), algorithms=list(ALGORITHMS))
        except (InvalidKeyIdError, ValueError):  # the provider has new keys
            token = jwt.decode(tokens["id_token"], await self._find_keys(config, fresh=True), algorithms=list(ALGORITHMS))
        wanted = {"iss": {"essential": True, "value": config["issuer"]}, "aud": {"essential": True, "value": self.client}}
        known = {"client_id": self.client, "nonce": journey.nonce, "access_token": tokens.get("access_token")}
        claims = CodeIDToken(token.claims, token.header, wanted, known)
        claims.validate(int(now.timestamp()), LEEWAY)
        if claims.get("nonce") != journey.nonce or not claims["sub"]:
            raise ForeignIdentity("refused")
        return dict(claims)

    async def _ask_about(self, config: dict, tokens: dict, subject: str) -> dict:
        """Address and whether it is verified, where the token does not say."""
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        told = await self._call("GET", config["userinfo_endpoint"], headers=headers)
        if told.get("sub") != subject:
            raise ForeignIdentity("refused")
        return {name: told[name] for name in ("email", "email_verified") if name in told}

    async def _find_config(self) -> dict:
        if self._config is None or time.monotonic() - self._config[0] > KEEP_SECONDS:
            config = await self._call("GET", f"{self.issuer}/.well-known/openid-configuration")
            if str(config.get("issuer", "")).rstrip("/") != self.issuer:
                raise ForeignIdentity("unreachable")
            self._config = time.monotonic(), config
        return self._config[1]

    async def _find_keys(self, config: dict, *, fresh: bool = False) -> KeySet:
        if fresh or self._keys is None or time.monotonic() - self._keys[0] > KEEP_SECONDS:
            self._keys = time.monotonic(), KeySet.import_key_set(await self._call("GET", config["jwks_uri"]))
        return self._keys[1]

    async def _call(self, method: str, address: str, **options: Any) -> dict:
        """The provider's answer; raises ForeignIdentity if there is none, or one that says no."""
        try:
            async with (
                aiohttp.ClientSession(timeout=TIMEOUT) as session,
                session.request(method, address, allow_redirects=False, **options) as response,
            ):
                body = await response.content.read(LARGEST_ANSWER)
                if response.status != 200:
                    raise ForeignIdentity("unreachable" if response.status >= 500 else "refused")
                answer = json.loads(body)
        except (aiohttp.ClientError, TimeoutError, ValueError):
            raise ForeignIdentity("unreachable") from None
        if not isinstance(answer, dict):
            raise ForeignIdentity("unreachable")
        return answer


def _check(issuer: str, client: str, secret: str) -> None:
    """Raises BadSetting for what can't be a provider that passwords are entrusted to."""
    parts = urlsplit(issuer)
    try:
        local = parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        local = False
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise BadSetting(f"DESK_OIDC_ISSUER is {issuer!r}, but must begin with https://.")
    if not client or not secret:
        raise BadSetting("DESK_OIDC_CLIENT_ID and DESK_OIDC_CLIENT_SECRET must be set where DESK_OIDC_ISSUER is.")
