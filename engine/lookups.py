"""Finds the things that pick a variant of an answer: a document, a right, a way to pay.

Rasa's own extractor asks for a word boundary on both sides, which Japanese has not, or for none,
which finds "fax" in "Halifax". Here an entry is found among the words of a language that has gaps
between them, and anywhere in a run of Japanese. Entries are looked up, not searched for one by one.
"""

import json
import re
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Text, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.concepts import PREFIX as CONCEPT

#: Full-width letters and digits, the wide space and curly apostrophes; each becomes one character, so places stay.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0x2019: "'", 0x2018: "'"}
_UNSPACED = r"\u3040-\u30ff\u3400-\u9fff々"
_WORD = re.compile(rf"[^\W_{_UNSPACED}]+(?:'[^\W_{_UNSPACED}]+)?|[{_UNSPACED}]+")
_RUN = re.compile(rf"[{_UNSPACED}]")


def folded(text: str) -> str:
    """The text in one width and case, every character at its old place."""
    narrow = text.translate(_NARROW)
    lower = narrow.lower()
    return lower if len(lower) == len(narrow) else narrow


def _forms(word: str) -> Tuple[str, ...]:
    """The word, and what it may be the plural of."""
    if not word.endswith("s"):
        return (word,)
    return (word, word[:-1], word[:-2]) if word.endswith("es") else (word, word[:-1])


class Table:
    """The entries of one entity: phrases of spaced words, and runs of Japanese that may stand anywhere."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        """The value of every entry."""
        self._phrases: Dict[Tuple[str, ...], str] = {}
        self._runs: Dict[str, str] = {}
        for entry, value in entries.items():
            words = tuple(_WORD.findall(folded(entry)))
            if len(words) == 1 and _RUN.match(words[0]):
                self._runs[words[0]] = value
            elif words:
                self._phrases[words] = value
        #: The longest phrase that begins with a word.
        self._longest: Dict[str, int] = {}
        for phrase in self._phrases:
            self._longest[phrase[0]] = max(self._longest.get(phrase[0], 0), len(phrase))
        self._longest_run = max(map(len, self._runs), default=0)

    def find(self, words: Sequence[Tuple[str, int, int]]) -> Iterator[Tuple[str, int, int]]:
        """Values with their places, the longest entry at each place, none overlapping another."""
        free = 0
        for place, (word, start, _) in enumerate(words):
            if start < free:
                continue
            longest = max(self._longest.get(form, 0) for form in _forms(word))
            for count in range(min(longest, len(words) - place), 0, -1):
                value = self._value([one for one, _, _ in words[place : place + count]])
                if value is not None:
                    free = words[place + count - 1][2]
                    yield value, start, free
                    break
            else:
                yield from self._find_runs(word, start)

    def _value(self, phrase: List[str]) -> Optional[str]:
        """The value of a phrase; a plural is the same thing as one of it."""
        *before, last = phrase
        for form in _forms(last):
            if (*before, form) in self._phrases:
                return self._phrases[(*before, form)]
        return None

    def _find_runs(self, text: str, start: int) -> Iterator[Tuple[str, int, int]]:
        place = 0
        while self._runs and _RUN.match(text) and place < len(text):
            for length in range(min(self._longest_run, len(text) - place), 0, -1):
                value = self._runs.get(text[place : place + length])
                if value is not None:
                    yield value, start + place, start + place + length
                    place += length - 1
                    break
            place += 1


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class LookupExtractor(GraphComponent, EntityExtractorMixin):
    """Entities from the lookup tables, named as their synonyms say."""

    _FILE = "lookups.json"

    def __init__(
        self, model_storage: ModelStorage, resource: Resource, tables: Optional[Dict[str, Dict[str, str]]] = None
    ) -> None:
        """An extractor over tables: the value of every entry, by entity."""
        self._model_storage = model_storage
        self._resource = resource
        self._tables = {name: Table(entries) for name, entries in (tables or {}).items()}

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "LookupExtractor":
        """An extractor that knows nothing yet."""
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "LookupExtractor":
        """An extractor with its tables, from plain JSON."""
        with model_storage.read_from(resource) as directory:
            return cls(model_storage, resource, json.loads((directory / cls._FILE).read_text(encoding="utf-8")))

    def train(self, training_data: TrainingData) -> Resource:
        """Collects the tables and the synonyms."""
        synonyms = {folded(text): value for text, value in training_data.entity_synonyms.items()}
        tables: Dict[str, Dict[str, str]] = {}
        for table in training_data.lookup_tables:
            if table["name"].startswith(CONCEPT):
                continue
            entries = tables.setdefault(table["name"], {})
            for entry in table["elements"]:
                key = folded(str(entry).strip())
                entries[key] = synonyms.get(key, key)
        with self._model_storage.write_to(self._resource) as directory:
            (directory / self._FILE).write_text(json.dumps(tables, ensure_ascii=False), encoding="utf-8")
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds the entities of its text to every message of the batch."""
        for message in messages:
            found = self.add_extractor_name(self.entities(message.get(TEXT) or ""))
            message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages

    def entities(self, text: str) -> List[Dict[Text, Any]]:
        """Every entry of every table that stands in the text, in the text's order."""
        words = [(match.group(), match.start(), match.end()) for match in _WORD.finditer(folded(text))]
        found = [
            {"entity": name, "value": value, "start": start, "end": end}
            for name, table in self._tables.items()
            for value, start, end in table.find(words)
        ]
        return sorted(found, key=lambda entity: (entity["start"], entity["entity"]))
