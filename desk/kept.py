"""Files that survive an error on the form they were chosen on.

A browser cannot send a file back that the page it stands on did not keep. So it is kept here for an hour under a signed
name that the page carries; a few dozen at most, the oldest go first. What is too large to be kept, or is gone, is said.
"""

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from django import forms
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from common import clock
from common.batches import delete_in_batches
from common.use_cases import use_case
from desk.models import KeptFile

SALT = "desk.kept"
SUFFIX = "-kept"
FOR = timedelta(hours=1)
AT_MOST = 40
MAX_BYTES = 10 * 1024 * 1024


class GoneFile:
    """Stands where a kept file was asked for that is no longer there."""


GONE = GoneFile()


@use_case()
def keep(*, upload: "UploadedFile[Any]", now: datetime) -> str | None:
    """Keep a file and return the name it can be taken back by, or None for one that is too large."""
    if (upload.size or 0) > MAX_BYTES:
        return None
    upload.seek(0)
    content = upload.read()
    public_id = uuid4()
    extra = KeptFile.objects.order_by("-kept_at", "-pk").values_list("pk", flat=True)[AT_MOST - 1 :]
    KeptFile.objects.filter(pk__in=list(extra)).delete()
    KeptFile.objects.create(
        public_id=public_id,
        name=(upload.name or "")[-255:],
        content_type=(upload.content_type or "")[:100],
        content=content,
        kept_at=now,
    )
    return signing.dumps(str(public_id), salt=SALT)


def take(*, token: str, now: datetime) -> "UploadedFile[Any] | None":
    """Return the file kept under a name, or None if it is no longer there."""
    try:
        public_id = UUID(signing.loads(token, salt=SALT))
    except (signing.BadSignature, ValueError):
        return None
    found = KeptFile.objects.filter(public_id=public_id, kept_at__gt=now - FOR).first()
    if found is None:
        return None
    upload = SimpleUploadedFile(found.name, bytes(found.content), content_type=found.content_type)
    upload.kept_as = token  # type: ignore[attr-defined]
    return upload


def forget(*, now: datetime) -> int:
    """Delete what has been kept long enough. Return how many went."""
    return delete_in_batches(KeptFile.objects.filter(kept_at__lte=now - FOR))


def kept_fields(*, files: "MultiValueDict[str, Any]", now: datetime) -> list[tuple[str, str]]:
    """Keep every file that was sent, and return the hidden fields that bring each back where the form is sent again."""
    sent = cast("dict[str, UploadedFile[Any]]", files)
    named = ((name + SUFFIX, keep(upload=upload, now=now)) for name, upload in sent.items())
    return [(name, token) for name, token in named if token]


class KeepsFile(forms.FileInput):
    """Gives the widget of a file a memory; stands before the widget it adds this to."""

    template_name = "desk/kept_file.html"
    discards = False

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return the file that was chosen now, or the one chosen before."""
        chosen = super().value_from_datadict(data, files, name)
        token = data.get(name + SUFFIX)
        if chosen is not None or not token:
            return chosen
        return take(token=token, now=clock.now()) or GONE

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Say whether nothing was sent of it."""
        return super().value_omitted_from_data(data, files, name) and name + SUFFIX not in data

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Add the file that was chosen before the error."""
        context: dict[str, Any] = super().get_context(name, None if isinstance(value, UploadedFile) else value, attrs)
        context["bare_template"] = super().template_name
        if isinstance(value, UploadedFile) and not self.discards:
            token = getattr(value, "kept_as", None) or keep(upload=value, now=clock.now())
            context["kept"] = {"name": value.name, "field": name + SUFFIX, "token": token}
        return context


class KeptFileField(forms.FileField):
    """A field whose file survives an error elsewhere on the form; stands before the field it adds this to."""

    default_error_messages = {
        "gone": _("The file you had chosen is no longer kept. Choose it again."),
    }

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Show the file that was sent, so that its widget can keep it."""
        return data if isinstance(data, UploadedFile) else initial

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the file. Raises ValidationError, also when it was kept and is gone."""
        if data is GONE:
            raise forms.ValidationError(self.error_messages["gone"], code="gone")
        return super().clean(data, initial)
