"""The engine's custom actions: thin, from slots to a call of the core, from its result to a response."""
