"""Who may track a run in which project."""

from __future__ import annotations

from runjson_tracker.access.roles import Role

from runjson_server.asking import Asking


class Admission:
    """Lets members of a project track what belongs into it, and whoever signed in begin a new one."""

    def __init__(self, asks: Asking) -> None:
        self._asks = asks
        self._admitted: set[str] = set()

    def admit(self, project: str) -> None:
        """See that the caller may write the project, or that there is none of that name.

        Raises:
            Problem: they may not.
        """
        asks = self._asks
        if project in self._admitted:
            return
        role = asks.role(project)
        if role is None and asks.caller.project in {None, project}:
            if asks.store.access.project_settings(project) is None:
                return
            role = asks.role(project)  # somebody has just made it: themselves, perhaps
        if role is None:
            raise asks.hidden(f'There is no project "{project}" that you may write.')
        asks.demand_as(role, project, Role.CONTRIBUTOR)
        self._admitted.add(project)

    def prepare(self, project: str) -> None:
        """Make the project if there is none yet; whoever does owns it."""
        if project not in self._admitted:
            self._asks.store.access.make_project(project, owner=self._asks.caller.person)
            self.admit(project)
