"""The demonstration's settings, which know the sandbox, with letters that leave by SMTP."""

from config.settings.dev import *  # noqa: F403 - all of them
from config.settings.environment import env

_mail = env.mail_server("EMAIL_URL")
MAIL_DELIVERY = _mail.pop("EMAIL_BACKEND")
vars().update(_mail)
