#!/usr/bin/env python
"""Runs the project's commands: `python manage.py COMMAND`."""

import os
import sys
from collections.abc import Mapping

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.utils import translation

LANGUAGES = {"pt": "pt-br", "en": "en"}


def language(environment: Mapping[str, str]) -> str:
    """Return the language of whoever sits there, as their shell names it; empty where it names none of ours."""
    named = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return LANGUAGES.get(named.partition(".")[0].partition("_")[0].lower(), "")


def main() -> None:
    """Run one management command, in the operator's language."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
    try:
        if spoken := language(os.environ):
            django.setup()
            translation.activate(spoken)
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
