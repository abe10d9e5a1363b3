"""Defects of configuration and connections (rules C)."""

from __future__ import annotations

from dataclasses import replace

from brygga.check.hostile import sample_data
from brygga.check.hostile.defects.defect import breaks
from brygga.check.hostile.good import SampleConnector, Settings, answers
from brygga.check.hostile.ledger import Ledger
from brygga.contract import (
    ZERO_GUID,
    ConnectionInfo,
    ErpActor,
    FieldsResponse,
    ListResponse,
    Response,
    config,
)


@breaks("C1")
class ConfigNeedsConnection(SampleConnector):
    """Tells its configuration fields only when a connection has been saved."""

    def get_config_data(self) -> FieldsResponse:
        return super().get_config_data() if self._settings else FieldsResponse.failure("Save a connection first.")


@breaks("C2")
class NamelessSetting(SampleConnector):
    """Has a configuration field without a name."""

    def get_config_data(self) -> FieldsResponse:
        first, *others = super().get_config_data().fields
        return FieldsResponse(fields=[replace(first, name=""), *others])


@breaks("C2")
class SettingTwice(SampleConnector):
    """Names a configuration field twice."""

    def get_config_data(self) -> FieldsResponse:
        fields = super().get_config_data().fields
        return FieldsResponse(fields=[*fields, fields[0]])


@breaks("C3")
class ZeroGuidUnknown(SampleConnector):
    """Refuses the zero GUID, so that lists in the configuration stay empty."""

    def get_list(self, guid: str, list_name: str) -> ListResponse:
        if guid == ZERO_GUID:
            return ListResponse.failure("The connection is unknown. Save it first.")
        return super().get_list(guid, list_name)


@breaks("C4")
class RefusesAll(SampleConnector):
    """Refuses a configuration that works when it is tested."""

    def test_config_data(self, info: ConnectionInfo) -> Response:
        return Response.failure("The ERP can't be reached. Try again later.")


@breaks("C5", "C6")
class TestsNothing(SampleConnector):
    """Finds every configuration good, also an empty one."""

    def test_config_data(self, info: ConnectionInfo) -> Response:
        return Response()


@breaks("C6")
class BelievesNonsense(SampleConnector):
    """Tests only whether the mandatory values are there, not whether they work."""

    @answers(Response)
    def test_config_data(self, info: ConnectionInfo) -> Response:
        config.parse(Settings, info.values)
        return Response()


@breaks("C7")
class TestStores(SampleConnector):
    """Works with the configuration that was tested last where no connection is saved."""

    _tested: Settings | None = None

    def test_config_data(self, info: ConnectionInfo) -> Response:
        answer = super().test_config_data(info)
        self._tested = self._log_in(info.values) if answer.ok else self._tested
        return answer

    def _connection(self, guid: str) -> Settings:
        return self._settings.get(guid) or self._tested or super()._connection(guid)


@breaks("C8")
class SavesNothing(SampleConnector):
    """Says that the connection is saved, and forgets it."""

    def save_connection(self, info: ConnectionInfo) -> Response:
        return self.test_config_data(info)


@breaks("C9")
class StartsOver(SampleConnector):
    """Gives all actors new stamps and keys when a connection is saved."""

    def save_connection(self, info: ConnectionInfo) -> Response:
        for company, ledger in self._ledgers.items():
            self._ledgers[company] = Ledger(_renamed(ledger))
        return super().save_connection(info)


@breaks("C10")
class OneConnectionOnly(SampleConnector):
    """Keeps only the connection that was saved last."""

    def save_connection(self, info: ConnectionInfo) -> Response:
        with self._guard:
            self._settings.clear()
        return super().save_connection(info)


@breaks("C10")
class DeletesAllConnections(SampleConnector):
    """Forgets all connections when one is deleted."""

    def delete_connection(self, guid: str) -> Response:
        deleted = super().delete_connection(guid)
        if deleted.ok:
            self._settings.clear()
        return deleted


@breaks("C11")
class RemembersDeleted(SampleConnector):
    """Goes on answering for a connection that was deleted."""

    @answers(Response)
    def delete_connection(self, guid: str) -> Response:
        self._connection(guid)
        return Response()


@breaks("C11")
class CannotDelete(SampleConnector):
    """Refuses to delete a connection."""

    def delete_connection(self, guid: str) -> Response:
        return Response.failure("Ask the ERP's administrator to delete the connection.")


@breaks("C12")
class EmptiesErp(SampleConnector):
    """Deletes the actors in the ERP along with the connection."""

    def delete_connection(self, guid: str) -> Response:
        company = self._settings[guid].company if guid in self._settings else ""
        deleted = super().delete_connection(guid)
        if company:
            self._ledgers[company] = Ledger([])
        return deleted


@breaks("C12")
class NewKeysAfterDelete(SampleConnector):
    """Gives the actors other keys when a deleted connection is saved again."""

    def delete_connection(self, guid: str) -> Response:
        company = self._settings[guid].company if guid in self._settings else ""
        deleted = super().delete_connection(guid)
        if company:
            self._ledgers[company] = Ledger(_renamed(self._ledgers[company]))
        return deleted


@breaks("C13")
class TellsPassword(SampleConnector):
    """Repeats the password in the explanation when it is refused."""

    def test_config_data(self, info: ConnectionInfo) -> Response:
        answer = super().test_config_data(info)
        told = f"{answer.tech_explanation} ({info.values})"
        return answer if answer.ok else replace(answer, tech_explanation=told)


def _renamed(ledger: Ledger) -> list[ErpActor]:
    """The actors with other keys."""
    return [_rename(actor) for actor_type in sample_data.FIELDS for actor in ledger.actors(actor_type)]


def _rename(actor: ErpActor) -> ErpActor:
    parent_key = actor.parent_key and f"{actor.parent_key}-2"
    return replace(actor, erp_key=f"{actor.erp_key}-2", parent_key=parent_key)
