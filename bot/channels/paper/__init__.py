"""Draws a request on paper as a PDF: A4, fonts embedded, the reference as a QR code."""
