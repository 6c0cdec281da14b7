"""A contract for import-linter: the doors of an app are its own, whichever apps and doors there are.

A door is reached by its route, its place in the desk, its schedule or its name on the command line, never by an import
from another app. The contract reads apps and doors from the modules that exist, so a new app is held to it from its
first day.
"""

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class PrivateDoors(Contract):
    """Holds that no app imports a door of another.

    `doors`: the rooms that are doors, such as views; `shared`: the packages that hold what doors share, and have none.
    """

    type_name = "private_doors"

    doors = fields.SetField(subfield=fields.StringField())
    shared = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Find every import of a door from outside its app; tests may import what they like."""
        broken = sorted(
            (importer, door)
            for room in self._doors_in(graph)
            for door in {room, *graph.find_descendants(room)}
            for importer in graph.find_modules_that_directly_import(door)
            if importer.split(".")[0] != door.split(".")[0] and ".tests." not in f"{importer}."
        )
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name every import that takes in another app's views, admin or tasks."""
        for importer, door in check.metadata["broken"]:
            output.print_error(f"{importer} imports {door}, a door of {door.split('.')[0]}", bold=False)

    def _doors_in(self, graph: ImportGraph) -> list[str]:
        doors: set[str] = self.doors  # type: ignore[assignment]
        shared: set[str] = self.shared  # type: ignore[assignment]
        rooms = [name.split(".") for name in graph.modules if name.count(".") == 1]
        return [f"{app}.{room}" for app, room in rooms if room in doors and app not in shared]
