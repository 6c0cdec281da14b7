"""The tests' settings with views and a task that fail, told to whom the environment names."""

from config.settings.base import LOGGING as LOGGING_OF_THE_SHOP
from config.settings.test import *  # noqa: F403 - the tests' settings, all of them

ROOT_URLCONF = "config.tests.failing"
LOGGING = LOGGING_OF_THE_SHOP
