"""Finds the things that pick a variant of an answer: a document, a right, a way to pay.

Rasa's own extractor asks for a word boundary on both sides, which Japanese has not, or for none,
which finds "fax" in "Halifax". Here a boundary is asked for only where the entry itself begins or
ends in a letter or digit of a language that has gaps between its words.
"""

import json
import re
from typing import Any, Dict, List, Optional, Text

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
_SPACED = r"[^\W_\u3040-\u30ff\u3400-\u9fff々]"


def folded(text: str) -> str:
    """The text in one width and case, every character at its old place."""
    narrow = text.translate(_NARROW)
    lower = narrow.lower()
    return lower if len(lower) == len(narrow) else narrow


def pattern_of(entries: List[str]) -> str:
    """One expression for all entries of a table, the longest first."""
    unique = sorted({folded(entry.strip()) for entry in entries if entry.strip()}, key=lambda entry: (-len(entry), entry))
    return "|".join(_guarded(entry) for entry in unique)


def _guarded(entry: str) -> str:
    before = rf"(?<!{_SPACED})" if re.match(_SPACED, entry) else ""
    # A plural is the same thing: "passports" as "passport".
    after = rf"(?:e?s)?(?!{_SPACED})" if re.search(rf"{_SPACED}$", entry) else ""
    return before + re.sub(r"\\?\s+", r"[\\s-]+", re.escape(entry)) + after


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
        self._tables = tables or {}
        self._patterns = {name: re.compile(pattern_of(list(table))) for name, table in self._tables.items() if table}

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
        plain = folded(text)
        found = [
            {"entity": name, "value": self._value(name, match.group()), "start": match.start(), "end": match.end()}
            for name, pattern in self._patterns.items()
            for match in pattern.finditer(plain)
        ]
        return sorted(found, key=lambda entity: (entity["start"], entity["entity"]))

    def _value(self, name: str, words: str) -> str:
        table = self._tables[name]
        single = re.sub(r"[\s-]+", " ", words)
        for form in (words, single, single.rstrip("s"), re.sub(r"es$", "", single)):
            if form in table:
                return table[form]
        return single
