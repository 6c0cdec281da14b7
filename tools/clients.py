"""What is generated for programs from `openapi.yaml`: the types of the TypeScript client, and a Bruno collection.

    python -m tools.clients write    write both anew
    python -m tools.clients check    fail while one of them is not what `openapi.yaml` says

Bruno is a program for trying APIs; its collections are plain files: one a request, in folders by tag.
"""

import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from filecmp import dircmp
from pathlib import Path
from typing import Any

import yaml

from devstack import node, window
from devstack.errors import StackError
from devstack.state import ROOT

OPENAPI = ROOT / "openapi.yaml"
TYPES = ROOT / "clients" / "typescript" / "src" / "schema.d.ts"
BRUNO = ROOT / "clients" / "bruno"
METHODS = ("get", "post", "put", "patch", "delete")
PATIENCE_SECONDS = 120

Schema = Mapping[str, Any]

COLLECTION = {"version": "1", "name": "Balcão", "type": "collection", "ignore": []}
ENVIRONMENT = """vars {
  shop: http://127.0.0.1:8000
  access:
}
"""
AUTH = """auth {
  mode: bearer
}

auth:bearer {
  token: {{access}}
}
"""


def types(target: Path) -> None:
    """Write the types of the API. Raises StackError where npm's packages cannot be had or the tool fails."""
    window.install()
    done = node.run(
        str(ROOT / "node_modules/openapi-typescript/bin/cli.js"), str(OPENAPI),
        "--default-non-nullable=false", "--output", str(target),
        seconds=PATIENCE_SECONDS,
    )  # fmt: skip
    if done.returncode != 0:
        raise StackError(f"The types could not be written: {done.stderr}")


def requests(document: Schema) -> Iterator[tuple[str, str]]:
    """Give the file of each request of the collection: its path, and its text."""
    places: dict[str, int] = {}
    for path, operations in document["paths"].items():
        for method in METHODS:
            if method not in operations:
                continue
            operation = operations[method]
            folder = operation["tags"][0]
            places[folder] = places.get(folder, 0) + 1
            text = _request(path, method, operation, document=document, place=places[folder])
            yield f"{folder}/{operation['operationId']}.bru", text


def collection(target: Path) -> None:
    """Write the Bruno collection into an empty folder."""
    document = yaml.safe_load(OPENAPI.read_text())
    files = {
        "bruno.json": json.dumps(COLLECTION, indent=2, ensure_ascii=False) + "\n",
        "collection.bru": AUTH,
        "environments/make run.bru": ENVIRONMENT,
        **dict(requests(document)),
    }
    for name, text in files.items():
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)


def example(schema: Schema, *, document: Schema, depth: int = 0) -> Any:
    """Return a value such as the schema describes: its example or default, or one made of its type."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return example(document["components"]["schemas"][name], document=document, depth=depth + 1)
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return example(schema[key][0], document=document, depth=depth + 1)
    if "examples" in schema:
        return schema["examples"][0]
    for key in ("example", "default", "const"):
        if key in schema:
            return schema[key]
    if "enum" in schema:
        return schema["enum"][0]
    return _of_type(schema, document=document, depth=depth)


def _of_type(schema: Schema, *, document: Schema, depth: int) -> Any:
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        wanted = schema.get("required") or (list(schema.get("properties", {})) if depth < 2 else [])
        return {name: example(schema["properties"][name], document=document, depth=depth + 1) for name in wanted}
    if kind == "array":
        return [example(schema["items"], document=document, depth=depth + 1)]
    made = {"integer": schema.get("minimum", 1), "number": 1, "boolean": True}
    formats = {"uuid": "00000000-0000-4000-8000-000000000000", "email": "ana@cliente.example", "date": "2026-03-02"}
    return made.get(kind, formats.get(schema.get("format", ""), ""))


def _request(path: str, method: str, operation: Schema, *, document: Schema, place: int) -> str:
    parameters = operation.get("parameters", [])
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    address = "{{shop}}" + re.sub(r"\{(\w+)\}", r":\1", path)
    parts = [
        _block("meta", {"name": operation["operationId"], "type": "http", "seq": str(place)}),
        _block(method, {"url": address, "body": "json" if body else "none", "auth": "inherit"}),
        _block("params:path", {one["name"]: "" for one in parameters if one["in"] == "path"}),
        _block("params:query", {f"~{one['name']}": "" for one in parameters if one["in"] == "query"}),
        _block(
            "headers",
            {
                one["name"]: "{{$randomUUID}}" if one["name"] == "Idempotency-Key" else ""
                for one in parameters
                if one["in"] == "header"
            },
        ),
    ]
    if body:
        written = json.dumps(example(body["schema"], document=document), indent=2, ensure_ascii=False)
        parts.append("body:json {\n" + _indented(written) + "\n}\n")
    if operation.get("description"):
        parts.append("docs {\n" + _indented(operation["description"].strip()) + "\n}\n")
    return "\n".join(part for part in parts if part)


def _block(name: str, values: Mapping[str, str]) -> str:
    if not values:
        return ""
    return f"{name} {{\n" + "".join(f"  {key}: {value}".rstrip() + "\n" for key, value in values.items()) + "}\n"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.splitlines())


def write() -> int:
    """Write types and collection anew."""
    types(TYPES)
    shutil.rmtree(BRUNO, ignore_errors=True)
    collection(BRUNO)
    print("The TypeScript types and the Bruno collection are written.")
    return 0


def check() -> int:
    """Say whether types and collection are what `openapi.yaml` says."""
    stale = []
    with tempfile.TemporaryDirectory() as place:
        fresh = Path(place)
        types(fresh / "schema.d.ts")
        if (fresh / "schema.d.ts").read_text() != TYPES.read_text():
            stale.append(str(TYPES.relative_to(ROOT)))
        collection(fresh / "bruno")
        if _differs(dircmp(fresh / "bruno", BRUNO)):
            stale.append(str(BRUNO.relative_to(ROOT)))
    print(f"Stale: {', '.join(stale)}. Run `make client`." if stale else "Types and collection are fresh.")
    return 1 if stale else 0


def _differs(compared: "dircmp[str]") -> bool:
    here = compared.left_only or compared.right_only or compared.diff_files or compared.funny_files
    return bool(here) or any(_differs(below) for below in compared.subdirs.values())


def main(words: Sequence[str]) -> int:
    """Do what the first word says."""
    try:
        match list(words):
            case ["write"]:
                return write()
            case ["check"]:
                return check()
    except StackError as failure:
        print(failure, file=sys.stderr)
        return 1
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
