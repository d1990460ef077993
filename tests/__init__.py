"""Tests as a ladder: unit, integration (SQLite and PostgreSQL), conversations, browser.

The people in them: Hana is a customer of JCOM, Kenji one of COOCOM; Mika writes Japanese.
"""
