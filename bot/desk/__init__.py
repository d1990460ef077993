"""The desk's own rules: conversations, tickets, what is masked. Core: it does no I/O."""
