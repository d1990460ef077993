"""The desk's errors. Each edge translates them once: the gateway into problem details, an action into words."""


class DeskError(Exception):
    """Something that the desk cannot do as asked."""


class UnknownToken(DeskError):
    """This chat is not known here, or its key is missing. Start a new chat."""


class ForeignConversation(DeskError):
    """This key belongs to another chat."""


class UnknownChoice(DeskError):
    """That button is no longer on offer. Please type what you would like instead."""


class TooManyRequests(DeskError):
    """Too many messages in a short time."""

    def __init__(self, retry_after: float):
        super().__init__(f"Too many messages in a short time. Please wait {max(round(retry_after), 1)} seconds.")
        self.retry_after = retry_after


class BadRequest(DeskError):
    """The request is not of the form that is taken; the message says where."""


class TooLong(DeskError):
    """The message is too long."""


class NoRoom(DeskError):
    """The desk cannot keep anything just now, so this was not taken. Please try again in a few minutes."""


class Delayed(DeskError):
    """Your message is kept; the answer follows here as soon as the assistant is back."""


class NoOpenRequest(DeskError):
    """There is no open request or case that this could belong to. Start a request, or ask for a person, first."""


class Forbidden(DeskError):
    """Your roles do not allow this, or it belongs to a company that is not one of yours."""


class UnknownTicket(DeskError):
    """There is no such ticket, or it belongs to a company that is not one of yours."""


class TicketTaken(DeskError):
    """Somebody else has just taken this ticket."""

    def __init__(self, name: str = ""):
        super().__init__(TicketTaken.__doc__)
        self.name = name  #: of who has it


class TicketClosed(DeskError):
    """This ticket is closed. Reopen it first."""


class CannotHaveTicket(DeskError):
    """This person does not work on that company's tickets, or has left. Choose somebody else."""


class TicketChanged(DeskError):
    """Somebody else has just changed this ticket. Look at it as it is now, and try again."""


class BadRegistration(BadRequest):
    """What is to be registered cannot be so; the error says which field."""

    def __init__(self, why: str):
        super().__init__(f"{BadRegistration.__doc__} ({why})")
        self.why = why  #: form, channel, text, received_at, reason, topic, language, priority or contact


class CannotBeOne(DeskError):
    """Only two different tickets of the same company can be linked or merged."""


class UnknownPerson(DeskError):
    """There is no such person at this desk."""


class AddressTaken(DeskError):
    """Somebody at this desk has this e-mail address already."""


class UsedLink(DeskError):
    """This link was used already, has run out, or was never given."""


class MoveNotAllowed(DeskError):
    """The request cannot be moved so from where it stands now."""


class EvidenceMissing(DeskError):
    """Something has to be recorded first."""

    def __init__(self, missing: list[str]):
        super().__init__(f"Please record this first: {', '.join(missing)}.")
        self.missing = tuple(missing)


class UnknownCitation(DeskError):
    """That clause does not stand in this company's policy."""


class SentAlready(DeskError):
    """This reply has been sent already and cannot be taken back."""


class ReplyEmpty(DeskError):
    """There is nothing in this reply yet: write a text or add a file."""


class SignInFailed(DeskError):
    """The e-mail address or the password is not right."""


class SignInPaused(TooManyRequests):
    """Too many sign-ins have failed; for a while none is tried."""


class WrongCode(DeskError):
    """This code is not right, has run out, or was used already."""


class WrongPassword(DeskError):
    """This is not your present password."""


class WeakPassword(DeskError):
    """This password would be guessed."""

    def __init__(self, why: str):
        super().__init__(WeakPassword.__doc__)
        self.why = why  #: short, long, common, own, guessable


class BadPerson(DeskError):
    """This cannot be kept of a person."""

    def __init__(self, why: str):
        super().__init__(BadPerson.__doc__)
        self.why = why  #: name, email, roles, companies, absence


class LastAdministrator(DeskError):
    """Nobody else could administer this desk. Make somebody else administrator first."""


class ForeignIdentity(DeskError):
    """The identity provider's account is not one of this desk's people."""

    def __init__(self, why: str):
        super().__init__(ForeignIdentity.__doc__)
        self.why = why  #: refused, unverified, unknown, other, unreachable


class RequestChanged(DeskError):
    """Somebody else has just moved this request. Look at it as it is now, and try again."""


class UnknownRequest(UnknownTicket):
    """There is no such request, or it belongs to a company that is not one of yours."""


class RequestErased(DeskError):
    """What this request held was erased; only that it was there is still known."""


class NotInProcedure(DeskError):
    """The company's procedure does not know this. Choose one of what it names."""


class NoReason(DeskError):
    """Please say why, in a few words."""


class UnknownFile(DeskError):
    """There is no such file here."""


class FileNotTaken(DeskError):
    """Only pictures (JPEG, PNG) and PDF documents can be sent here."""


class FileTooLarge(TooLong):
    """A file may have at most 10 MB."""


class TooManyFiles(DeskError):
    """No more files can be added to this case."""


class NothingToRate(DeskError):
    """There is no closed case that could be rated."""


class RatingSettled(DeskError):
    """Your rating was changed once already; it stays as it is."""


class BadFields(DeskError):
    """Some of this cannot be kept as it is; the message beside each field says why."""

    def __init__(self, wrong: dict[str, tuple[str, dict]]):
        super().__init__(BadFields.__doc__)
        self.wrong = wrong  #: field -> which words say what is wrong, and the values in them


class SettingChanged(DeskError):
    """Somebody else has changed this since you opened it. Look at it as it is now, and try again."""


class UnknownCanned(DeskError):
    """There is no such ready reply, or it belongs to a company that is not one of yours."""
