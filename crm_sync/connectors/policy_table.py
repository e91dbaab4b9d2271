"""`policy`: what one CRM hears of calls, and how; every key is explained in docs/policies.md."""

from typing import Self

from pydantic import Field, model_validator

from crm_sync.connectors.table import Table
from crm_sync.policy import AssignTo, Create, Interest, Moment, Policy, TaskPolicy
from gateway.core.ports import CrmCapabilities
from gateway.core.record import Direction, Outcome
from gateway.core.writing import Creation, Link


class PolicyTable(Table):
    """Which calls, when, whose they become, what they are linked to, what is made of strangers."""

    directions: tuple[Direction, ...] = Field(
        default=(Direction.INBOUND, Direction.OUTBOUND), min_length=1
    )
    """Calls of these directions; internal ones only if named here."""
    outcomes: tuple[Outcome, ...] = ()
    """Only calls that ended so; empty: all."""
    queues: tuple[str, ...] = ()
    """Only calls of these queues; empty: all, also those of no queue."""
    except_queues: tuple[str, ...] = ()
    """No calls of these queues."""
    interest: Interest = Interest.ALL
    """`known`: only calls with people whom the directory knows."""
    when: Moment = Moment.END
    """When the record is made: `ring`, `answer` or `end`; it is the same one that is completed."""
    assign: AssignTo = AssignTo.ANSWERED_BY
    """Whose record it becomes; that of a missed call is always the owner's."""
    links: tuple[Link, ...] = tuple(Link)
    """What it is linked to; `deal`: an open deal or case, if there is exactly one."""
    create: Create = Create.NEVER
    """Which unknown callers become contacts or leads; never a number of ours."""
    create_as: Creation = Creation.CONTACT
    """What they become."""
    missed_task: bool | None = None
    """A task for a missed call; default: yes where the connector can."""
    task_after_min: float = Field(default=0.0, ge=0, le=24 * 60)
    """Wait so long first: who was called back by then needs no task."""
    task_due_days: int = Field(default=0, ge=0, le=60)
    """Days after the call on which the task is due."""
    task_otherwise: str | None = Field(default=None, max_length=80)
    """Extension whose task it is where the customer has no owner."""
    title: str | None = Field(default=None, max_length=500)
    """Template of the record's title; default: the connector's own words."""
    note: str | None = Field(default=None, max_length=5000)
    """Template of our part of the note; default: the connector's own words."""
    dispositions: dict[str, str] = Field(default_factory=dict)
    """What an agent chose to the CRM's word."""
    recording: bool = True
    """Whether the address of the recording goes with the call."""
    keep_days: int | None = Field(default=None, ge=1, le=3_650)
    """How long what was sent is kept here; default: `[retention] payload_hours`."""

    @model_validator(mode="after")
    def _known_in_time(self) -> Self:
        if self.outcomes and self.when is Moment.RING:
            raise ValueError(
                'outcomes: what rings has no outcome yet: set when = "end", or leave outcomes out'
            )
        if self.create is not Create.NEVER and self.interest is Interest.KNOWN:
            raise ValueError(
                'create: strangers\' calls are not written with interest = "known", so nobody can'
                ' be created: set interest = "all"'
            )
        return self

    def policy(self, capabilities: CrmCapabilities) -> Policy:
        """Return the policy at a CRM that can do so much; ValueError names a key it cannot keep."""
        self._require(capabilities)
        wanted = capabilities.tasks if self.missed_task is None else self.missed_task
        return Policy(
            directions=frozenset(self.directions),
            outcomes=frozenset(self.outcomes),
            queues=frozenset(self.queues),
            except_queues=frozenset(self.except_queues),
            interest=self.interest,
            when=self.when,
            assign=self.assign,
            links=frozenset(self.links),
            create=self.create,
            create_as=self.create_as,
            task=TaskPolicy(
                wanted=wanted,
                after_s=self.task_after_min * 60,
                due_days=self.task_due_days,
                otherwise=self.task_otherwise,
            ),
            title=self.title,
            note=self.note,
            dispositions=self.dispositions,
            recording=self.recording,
            keep_days=self.keep_days,
        )

    def _require(self, capabilities: CrmCapabilities) -> None:
        if self.when is not Moment.END and not capabilities.updates:
            raise ValueError(
                f'when = "{self.when}": this CRM\'s records cannot be brought up to date, so a call'
                ' would stay as it rang: set when = "end"'
            )
        if self.missed_task and not capabilities.tasks:
            raise ValueError(
                "missed_task: this connector makes no tasks (kind rest: add a task table), or leave"
                " missed_task out"
            )
        if self.create is not Create.NEVER and self.create_as not in capabilities.creates:
            able = ", ".join(sorted(capabilities.creates)) or "nobody"
            raise ValueError(
                f'create_as = "{self.create_as}": this connector can create {able}:'
                ' change create_as, or set create = "never"'
            )
