"""Desk staff and how they get in."""

from __future__ import annotations

import sqlalchemy as sa

from .metadata import metadata

people = sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("login_hash", sa.LargeBinary(32), nullable=False, unique=True),  #: keyed hash of the e-mail, lower case
    sa.Column("sealed_profile", sa.LargeBinary, nullable=False),  #: JSON: name, email, and what they prefer
    sa.Column("roles", sa.String(120), nullable=False),  #: comma-separated
    sa.Column("all_companies", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("locale", sa.String(16), nullable=False, server_default="en"),
    sa.Column("password_hash", sa.String(200)),  #: Argon2; null until an invitation was taken up
    sa.Column("sealed_totp", sa.LargeBinary),
    sa.Column("totp_step", sa.BigInteger),  #: the last code's time step, so that no code counts twice
    sa.Column("oidc_subject_hash", sa.LargeBinary(32), unique=True),
    sa.Column("absent_until", sa.DateTime(timezone=True)),
    sa.Column("disabled_at", sa.DateTime(timezone=True)),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("seen_at", sa.DateTime(timezone=True)),
)

people_companies = sa.Table(
    "people_companies",
    metadata,
    sa.Column("person", sa.String(32), sa.ForeignKey("people.id"), primary_key=True),
    sa.Column("company", sa.String(64), primary_key=True),
)

recovery_codes = sa.Table(
    "recovery_codes",
    metadata,
    sa.Column("code_hash", sa.LargeBinary(32), primary_key=True),
    sa.Column("person", sa.String(32), sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("used_at", sa.DateTime(timezone=True)),
)

staff_sessions = sa.Table(
    "staff_sessions",
    metadata,
    sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
    sa.Column("id", sa.String(32), nullable=False, unique=True),  #: what a list shows and ends it by
    sa.Column("person", sa.String(32), sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("sealed_device", sa.LargeBinary, nullable=False),
    sa.Column("verified", sa.Boolean, nullable=False),  #: the second factor was given, or none is set up
    sa.Column("strong", sa.Boolean, nullable=False),  #: a second factor was given, here or to the identity provider
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
)

#: Sign-ins that failed, by a keyed hash of the address that was typed, and of the network that it came from: an address that
#: nobody here has is counted as one that somebody has, so that the difference cannot be seen.
failed_sign_ins = sa.Table(
    "failed_sign_ins",
    metadata,
    sa.Column("key_hash", sa.LargeBinary(32), primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("paused_until", sa.DateTime(timezone=True)),
)

#: One-time links: the first administrator, an invitation, a new password.
invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
    sa.Column("purpose", sa.String(16), nullable=False),  #: first, invite, reset
    sa.Column("person", sa.String(32), sa.ForeignKey("people.id")),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("used_at", sa.DateTime(timezone=True)),
)
