"""Why there is no demonstration here."""


class NotForDemo(Exception):
    """This desk is in use, and a demonstration does not belong among real cases; the message says what to do."""
