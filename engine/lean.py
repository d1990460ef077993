"""Leaves TensorFlow out where no component of a model needs it.

Rasa imports every component it has when it starts, DIET and TED among them, and TensorFlow with them: 440 MB of
resident memory and four seconds of every start, for classes that no pipeline of ours names. So its modules are
replaced by stand-ins whose classes can be named and inherited from, as Rasa's own modules do, but never made: whatever
tries to use one fails with a sentence. A model or configuration with any component that is not known to do without
gets the real TensorFlow.
"""

import importlib.abc
import importlib.machinery
import json
import sys
import tarfile
import types
from pathlib import Path
from typing import Any, Iterable, Optional, Sequence

_LEFT_OUT = ("tensorflow", "keras")
#: What is known to do without, by its class and by where it stands.
_NAMES = {"RulePolicy", "MemoizationPolicy", "FallbackClassifier", "RegexEntityExtractor", "EntitySynonymMapper"}
_MODULES = (
    "engine.",
    "rasa.graph_components.",
    "rasa.core.policies.ensemble.",
    "rasa.core.policies.rule_policy.",
    "rasa.core.policies.memoization.",
    "rasa.nlu.classifiers.fallback_classifier.",
    "rasa.nlu.classifiers.regex_message_handler.",
    "rasa.nlu.extractors.regex_entity_extractor.",
    "rasa.nlu.extractors.entity_synonyms.",
)


class TensorFlowLeftOut(RuntimeError):
    """Something uses TensorFlow after all."""


class _Nameable(type):
    """Classes of a module that is not there, and classes inside them."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nameable(name, (_StandIn,), {})


class _StandIn(metaclass=_Nameable):
    """May be named, inherited from and compared with; not made."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        raise TensorFlowLeftOut(f"{type(self).__name__} needs TensorFlow, which engine.lean has left out of this process.")


class _StandInModule(types.ModuleType):
    """A module that has every name."""

    __path__: Sequence[str] = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nameable(name, (_StandIn,), {})


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the stand-ins before Python finds the modules."""

    def find_spec(
        self, fullname: str, path: Optional[Sequence[str]], target: Optional[types.ModuleType] = None
    ) -> Optional[importlib.machinery.ModuleSpec]:
        """Only what is left out."""
        if fullname.split(".")[0] in _LEFT_OUT:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """A stand-in of that name."""
        return _StandInModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """There is nothing to run."""


def leave_out_tensorflow() -> None:
    """Call before anything of Rasa is imported; does nothing if TensorFlow is there already."""
    if not any(name in sys.modules for name in _LEFT_OUT):
        sys.meta_path.insert(0, _Finder())


def model_does_without(model: Path) -> bool:
    """Whether every component of a trained model is known to do without TensorFlow."""
    try:
        with tarfile.open(model) as archive:
            member = next(one for one in archive if one.name.rsplit("/", 1)[-1] == "metadata.json")
            metadata = json.load(archive.extractfile(member))
        return _do_without(node["uses"] for node in metadata["predict_schema"]["nodes"].values())
    except (OSError, tarfile.TarError, StopIteration, KeyError, ValueError):
        return False


def config_does_without(config: Path) -> bool:
    """Whether everything that a configuration names is known to do without TensorFlow."""
    import yaml

    content = yaml.safe_load(config.read_text(encoding="utf-8"))
    return _do_without(entry["name"] for part in ("pipeline", "policies") for entry in content.get(part) or [])


def _do_without(components: Iterable[str]) -> bool:
    return all(component in _NAMES or component.startswith(_MODULES) for component in components)
