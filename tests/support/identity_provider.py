"""An OpenID Connect provider, real but for its people, in a process of its own: `python -m tests.support.identity_provider`.

It prints its address, and stands on Authlib's server. Whoever it asks who they are may also choose what is wrong with their token.
"""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass, field
from wsgiref.simple_server import WSGIRequestHandler, make_server

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode, UserInfo
from flask import Flask, jsonify, request
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "inquiry-desk", "between desk and provider: &+%"

#: Subject to what the provider knows of them.
ACCOUNTS = {
    "1-hana": {"email": "hana@desk.example", "email_verified": True},
    "2-hana": {"email": "hana@desk.example", "email_verified": True},
    "3-kenji": {"email": "kenji@desk.example", "email_verified": False},
    "4-nobody": {"email": "nobody@elsewhere.example", "email_verified": True},
    "5-silent": {},
}

KEY = RSAKey.generate_key(2048, {"kid": "now", "use": "sig"}, private=True)
FOREIGN_KEY = RSAKey.generate_key(2048, {"kid": "now", "use": "sig"}, private=True)


@dataclass
class Client:
    """The desk, as the provider knows it. A loopback address may have any port (RFC 8252)."""

    client_id: str = CLIENT

    def get_client_id(self) -> str:
        return self.client_id

    def check_redirect_uri(self, uri: str) -> bool:
        return uri.startswith("http://127.0.0.1:") and uri.endswith("/desk/sign-in/provider/back")

    def get_default_redirect_uri(self) -> None: ...

    def check_client_secret(self, secret: str) -> bool:
        return secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, kind: str) -> bool:
        return kind == "code"

    def check_grant_type(self, kind: str) -> bool:
        return kind == "authorization_code"

    def get_allowed_scope(self, scope: str) -> str:
        return scope


@dataclass
class Code:
    """An authorization code, good for one exchange."""

    code: str
    redirect_uri: str
    scope: str
    user: str
    nonce: str | None
    code_challenge: str
    code_challenge_method: str
    fault: str
    strong: bool
    auth_time: int = field(default_factory=lambda: int(time.time()))

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return "another" if self.fault == "nonce" else self.nonce

    def get_auth_time(self) -> int:
        return self.auth_time

    def get_acr(self) -> None: ...

    def get_amr(self) -> list[str]:
        return ["pwd", "mfa"] if self.strong else ["pwd"]


CODES: dict[str, Code] = {}
TOKENS: dict[str, str] = {}


class CodeGrant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

    def save_authorization_code(self, code, request):
        asked = request.payload.data
        CODES[code] = Code(
            code,
            request.payload.redirect_uri,
            request.payload.scope,
            request.user,
            asked.get("nonce"),
            asked["code_challenge"],
            asked["code_challenge_method"],
            asked.get("fault", ""),
            asked.get("strong") == "1",
        )

    def query_authorization_code(self, code, client):
        return CODES.get(code)

    def delete_authorization_code(self, authorization_code):
        CODES.pop(authorization_code.code, None)

    def authenticate_user(self, authorization_code):
        return authorization_code.user


class Tokens(OpenIDCode):
    """The signed token, or one with the fault that was asked for."""

    def exists_nonce(self, nonce, request):
        return any(code.nonce == nonce for code in CODES.values())

    def get_client_algorithm(self, client):
        return "RS256"

    def get_client_claims(self, client):
        return {"iss": ISSUER, "aud": [client.client_id], "iat": int(time.time()), "exp": int(time.time()) + 600}

    def resolve_client_private_key(self, client):
        return KEY

    def generate_user_info(self, user, scope):
        return UserInfo(sub=user)

    def encode_id_token(self, token, request):
        text = super().encode_id_token(token, request)
        fault = request.authorization_code.fault
        claims, header = jwt.decode(text, KEY).claims, {"alg": "RS256", "kid": "now"}
        changed = {
            "audience": {"aud": ["somebody-else"]},
            "issuer": {"iss": "https://elsewhere.example"},
            "old": {"iat": int(time.time()) - 7200, "exp": int(time.time()) - 3600},
        }.get(fault, {})
        if fault == "shared_secret":
            return jwt.encode({"alg": "HS256", "kid": "now"}, claims, OctKey.import_key(SECRET), ["HS256"])
        if fault == "unsigned":
            return jwt.encode({"alg": "none"}, claims, None, ["none"])
        return jwt.encode(header, {**claims, **changed}, FOREIGN_KEY if fault == "key" else KEY)


app = Flask(__name__)


def save_token(token, request):
    TOKENS[token["access_token"]] = request.user


server = AuthorizationServer(app, lambda id: Client() if id == CLIENT else None, save_token)
server.register_grant(CodeGrant, [CodeChallenge(required=True), Tokens(require_nonce=True)])


@app.get("/.well-known/openid-configuration")
def configuration():
    return jsonify(
        issuer=ISSUER,
        authorization_endpoint=f"{ISSUER}/authorize",
        token_endpoint=f"{ISSUER}/token",
        userinfo_endpoint=f"{ISSUER}/userinfo",
        jwks_uri=f"{ISSUER}/keys",
        response_types_supported=["code"],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=["RS256"],
        token_endpoint_auth_methods_supported=["client_secret_basic"],
        code_challenge_methods_supported=["S256"],
    )


@app.get("/keys")
def keys():
    return jsonify(keys=[KEY.as_dict(private=False)])


@app.get("/authorize")
def authorize():
    """Who they are stands in the address (`account`), as a form would send it; no account: they said no."""
    grant = server.get_consent_grant(end_user=None)
    account = request.args.get("account")
    return server.create_authorization_response(grant=grant, grant_user=account if account in ACCOUNTS else None)


@app.post("/token")
def token():
    return server.create_token_response()


@app.get("/userinfo")
def userinfo():
    user = TOKENS.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
    return jsonify(sub=user, **ACCOUNTS[user]) if user else (jsonify(error="invalid_token"), 401)


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


if __name__ == "__main__":
    import os

    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # over loopback
    httpd = make_server("127.0.0.1", 0, app, handler_class=Quiet)
    ISSUER = f"http://127.0.0.1:{httpd.server_port}"
    print(ISSUER, flush=True)
    # Whoever started it holds its standard input; when they are gone, so is it.
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    httpd.serve_forever()
