"""Catalogues: what we compile is what gettext reads, and a stale or incomplete one is found."""

import gettext
from pathlib import Path

import pytest

from devstack import catalogues

SOURCE = r"""
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\n"

#: shop/models.py:1
msgid "Out of stock"
msgstr "Sem estoque, \"por enquanto\""

msgctxt "verb"
msgid "Order"
msgstr "Pedir"

msgid "Order"
msgstr "Pedido"

#, python-format
msgid "%(n)d cake"
msgid_plural ""
"%(n)d cakes"
msgstr[0] "%(n)d bolo"
msgstr[1] "%(n)d bolos"

#~ msgid "gone"
#~ msgstr "sumiu"
"""


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    path = tmp_path / "shop" / "locale" / "pt_BR" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(SOURCE)
    path.with_suffix(".mo").write_bytes(catalogues.compiled(catalogues.parse(path)))
    return path


def test_gettext_reads_what_we_compile(catalogue: Path) -> None:
    with catalogue.with_suffix(".mo").open("rb") as handle:
        read = gettext.GNUTranslations(handle)
    assert read.gettext("Out of stock") == 'Sem estoque, "por enquanto"'
    assert read.pgettext("verb", "Order") == "Pedir"
    assert read.gettext("Order") == "Pedido"
    assert [read.ngettext("%(n)d cake", "%(n)d cakes", n) for n in (1, 2)] == ["%(n)d bolo", "%(n)d bolos"]
    assert read.gettext("gone") == "gone"


def test_a_complete_and_fresh_catalogue_has_no_findings(catalogue: Path) -> None:
    assert catalogues.findings(catalogue) == []


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ('"Pedido"', '"Encomenda"', "older than its source"),
        ('msgstr "Pedido"', 'msgstr ""', "not translated: 'Order'"),
        ('"%(n)d bolos"', '""', "not translated: '%(n)d cake'"),
        ("#: shop/models.py:1", "#, fuzzy", "not translated: 'Out of stock'"),
        ('msgid "%(n)d cake"', 'msgid "Order"\nmsgstr "Pedido"\n\nmsgid "%(n)d cake"', "already in line 15: 'Order'"),
    ],
)
def test_what_is_wrong_is_found(catalogue: Path, old: str, new: str, finding: str) -> None:
    catalogue.write_text(SOURCE.replace(old, new))
    assert any(finding in line for line in catalogues.findings(catalogue))


def test_a_missing_compiled_file_is_found(catalogue: Path) -> None:
    catalogue.with_suffix(".mo").unlink()
    assert "missing" in catalogues.findings(catalogue)[0]


def test_a_line_that_is_no_catalogue_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "django.po"
    path.write_text('msgid "a"\nmsgsrt "b"\n')
    with pytest.raises(ValueError, match=r"django\.po:2"):
        catalogues.parse(path)


def test_two_catalogues_that_disagree_are_found(tmp_path: Path) -> None:
    paths = []
    for app, language, word in [
        ("cart", "pt_BR", "Pedido"),
        ("orders", "pt_BR", "Encomenda"),
        ("orders", "es", "Orden"),
    ]:
        path = tmp_path / app / "locale" / language / "LC_MESSAGES" / "django.po"
        path.parent.mkdir(parents=True)
        path.write_text(SOURCE.replace('msgstr "Pedido"', f'msgstr "{word}"'))
        paths.append(path)
    [found] = catalogues.disagreements(paths)
    assert found.startswith(f"{paths[1]}:")
    assert "'Order' is translated differently" in found
    assert catalogues.disagreements(paths[1:]) == []


def test_a_message_of_the_code_that_no_catalogue_lists_is_found(catalogue: Path) -> None:
    app = catalogue.parents[2].parent
    source = app / "views.py"
    root = app.parent
    source.write_text('_("Order"); pgettext("verb", "Order"); ngettext("%(n)d cake", "%(n)d cakes", 2); _(word)\n')
    assert catalogues.unlisted(root) == []
    source.write_text('_("Order")\ngettext_lazy("Picture")\npgettext("noun", "Order")\n')
    assert [line.rpartition(" catalogue: ")[2] for line in catalogues.unlisted(root)] == [
        "'Picture'",
        "'noun\\x04Order'",
    ]


def test_a_message_that_nothing_says_any_more_is_found(catalogue: Path) -> None:
    app = catalogue.parents[2].parent
    root = app.parent
    (app / "templates").mkdir()
    (app / "tests").mkdir()
    page, source, test = app / "templates" / "page.html", app / "views.py", app / "tests" / "test_views.py"
    source.write_text('WORDS = {"order": _("Order")}; pgettext("verb", "Order")\n')
    test.write_text('"%(n)d cake"; "Out of stock"\n')
    page.write_text("{% blocktranslate trimmed %}\n  Out of\n  stock\n{% endblocktranslate %}")
    [found] = catalogues.unused(root)
    assert found.endswith("said nowhere: '%(n)d cake'")
    source.write_text('WORDS = {"order": "Order"}; pgettext("verb", "Order"); _("%(n)d cake" if n else "")\n')
    assert catalogues.unused(root) == []
    page.write_text("{% translate 'Something else' %}")
    [found] = catalogues.unused(root)
    assert found.endswith("said nowhere: 'Out of stock'")
