"""Errors of the knowledge core. Their messages say what to do about them."""


class KnowledgeError(Exception):
    """Something is wrong with a policy, its facts, or a request for them."""


class UnknownCompany(KnowledgeError):
    """No company of that key is served."""

    def __init__(self, key: str, known: list[str]):
        super().__init__(f"No company {key!r} is served here; the companies are: {', '.join(known)}.")
        self.key = key


class BrokenKnowledge(KnowledgeError):
    """A knowledge file cannot be used as it stands."""

    def __init__(self, file: str, where: str, problem: str):
        super().__init__(f"{file}: {where}: {problem}" if where else f"{file}: {problem}")
        self.file, self.where, self.problem = file, where, problem


class NoPaper(KnowledgeError):
    """The company's procedure asks for nothing on paper, or does not list that kind of request."""
