"""The companies' policies: what each states, word for word, and what it does not.

Core: it reads its own data files once, at load time, and does no other I/O.
"""
