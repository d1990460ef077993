"""Who somebody is by the word of the company's identity provider."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """An account of the provider, as its signed token tells."""

    issuer: str
    subject: str  #: the account's name for ever; an address may pass on to somebody else
    email: str = ""
    email_verified: bool = False
    strong: bool = False  #: the provider asked for a second factor itself

    @property
    def name(self) -> str:
        """Names the account among those of all providers."""
        return f"{self.issuer} {self.subject}"
