"""Screens of the matching room."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("matching_pages", __name__)
