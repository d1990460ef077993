"""Trains and asks Rasa's DIETClassifier in the pipeline that `rasa init` gives, through Rasa's own graph."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

import yaml
from rasa.core.agent import Agent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.model_training import train_nlu
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLWriter
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.training_data import TrainingData

from benchmarks.pipelines import Taken, reading, timed

STOCK = Path(__file__).with_name("stock") / "config.yml"


class Diet:
    """The stock pipeline, trained."""

    def __init__(self, model: Path, taken: Taken):
        """Loads the model into this process."""
        self.taken = taken
        self._agent = Agent.load(str(model))

    @classmethod
    def train(cls, data: TrainingData, epochs: int, seed: int, folder: Path) -> Diet:
        """The components that Rasa puts where stock/config.yml names none; only epochs and seeds are set."""
        config = DefaultV1Recipe.complete_config(yaml.safe_load(STOCK.read_text(encoding="utf-8")), {"pipeline"})
        for component in config["pipeline"]:
            if "epochs" in component:
                component.update(epochs=epochs, random_seed=seed)
        (folder / "config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
        examples = folder / "nlu.yml"
        RasaYAMLWriter().dump(str(examples), data)
        if len(load_data(str(examples)).intent_examples) != len(data.intent_examples):
            raise ValueError("Rasa reads other examples than were written.")
        with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere), timed() as taken:
            model = train_nlu(str(folder / "config.yml"), str(examples), str(folder), fixed_model_name="stock")
        return cls(Path(model), taken)

    def parse_all(self, texts: Sequence[str]) -> tuple[list[dict], list[Taken]]:
        """Each message by itself, and what each took; the first ones only warm up."""

        async def parse() -> tuple[list[dict], list[Taken]]:
            parsed, taken = [], []
            for text in texts[:50]:
                await self._agent.parse_message(text)
            for text in texts:
                with timed() as one:
                    parsed.append(await self._agent.parse_message(text))
                taken.append(one)
            return parsed, taken

        return asyncio.run(parse())

    def read(self, texts: Sequence[str]) -> list[tuple[str, str]]:
        """The likeliest intent and the pipeline's answer for each example."""
        return [reading(parsed) for parsed in self.parse_all(texts)[0]]
