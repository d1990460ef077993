"""The checklist of a request on paper: what to enclose, and what to black out on it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .clerk import Clerk
from .paper import DESK, Item, Said

#: What the law says of a copy of a document, whoever asks for it: document -> key of law.yml.
MASKED_BY_LAW = {"health_insurance_card": "insurance_card_masking"}


def list_enclosures(clerk: Clerk, way: str, open_fields: list[str]) -> tuple[Item, ...]:
    """Everything that goes with the request, in the order in which it is put together."""
    return (_letter(clerk, open_fields), *_identity(clerk, way), *_papers(clerk))


def _letter(clerk: Clerk, open_fields: list[str]) -> Item:
    form, notes = clerk.company.procedure.form, []
    if open_fields:
        notes.append(Said(clerk.say("fill_in_contents", names=clerk.say("comma").join(open_fields))))
    if form.value == "own_form":
        notes += [*clerk.quote(form), clerk.by_desk("own_form")]
    contents = clerk.company.procedure.contents
    return Item(clerk.say("item_letter"), (*notes, *clerk.quote(contents)))


def _identity(clerk: Clerk, way: str) -> Iterator[Item]:
    """Whose copy, when, and what to black out on each document."""
    procedure = clerk.company.procedure
    steps, documents = procedure.identity.value, procedure.documents
    names = clerk.terms("documents", documents.value)
    notes = clerk.quote(documents) if documents.of_policy else (clerk.by_desk("documents_of_desk"),)
    masks = tuple(_masks(clerk))
    if way == "visit":
        yield Item(clerk.say("item_show", documents=names), notes)
        return
    if "telephone" in steps[:1]:
        yield Item(clerk.say("item_no_copy"), clerk.quote(procedure.identity), tick=False)
        if {"post", "fax", "upload"} & set(steps):
            yield Item(clerk.say("item_copy_later", documents=names), (*notes, *masks), tick=False)
        return
    if {"post", "fax", "upload"} & set(steps):
        sent = (clerk.by_desk("sent_already"),) if "upload" in steps else ()
        yield Item(clerk.say("item_copy", documents=names), (*clerk.quote(procedure.identity), *notes, *sent, *masks))


def _masks(clerk: Clerk) -> Iterator[Said]:
    """What to black out: by the policy with its words, by the law as the law's, else by the desk's own practice."""
    masking = clerk.company.procedure.masking
    quotes = clerk.quote(masking)
    for document in clerk.company.procedure.documents.value:
        masks = masking.value.get(document)
        # "My Number card (front side only)" is blacked out as a My Number card.
        name = re.sub(r"\s*[(（].*[)）]$", "", clerk.term("documents", document))
        text = masks and clerk.say("mask", document=name, masks=clerk.terms("masks", masks))
        if masking.of_policy and masks:
            yield Said(text)
            yield from quotes
            quotes = ()
        elif by_law := clerk.by_law(MASKED_BY_LAW.get(document, "")):
            yield from by_law
        elif masks:
            yield Said(text, DESK)


def _papers(clerk: Clerk) -> Iterator[Item]:
    if clerk.who == "self":
        return
    agents = clerk.company.procedure.agents
    notes = clerk.quote(agents) if agents.of_policy else (clerk.by_desk("papers_of_desk"),)
    papers = agents.value[clerk.who]
    for place, paper in enumerate(papers, 1):
        name = clerk.term("papers", paper)
        yield Item(name[:1].upper() + name[1:], notes if place == len(papers) else ())
