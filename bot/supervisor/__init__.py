"""Brings the whole product up from one command and keeps it up."""
