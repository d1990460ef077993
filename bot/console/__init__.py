"""The console of the desk's staff: server-rendered pages, kept live by events. It translates; casework decides."""
