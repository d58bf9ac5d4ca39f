"""The one way a rule says no."""

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal:
    """Why something is not done: a code, the field it belongs to, and numbers for the sentence.

    The sentence itself is made by `supervision.web.messages`, in the reader's language.
    """

    code: str
    field: str | None = None
    params: dict[str, object] = dataclasses.field(default_factory=dict)


class RuleBroken(Exception):
    """A rule of the field refuses; carries a `Refusal`, never a sentence."""

    def __init__(self, code: str, field: str | None = None, **params: object) -> None:
        super().__init__(code)
        self.refusal = Refusal(code, field, params)

    @property
    def code(self) -> str:
        """The refusal's code, as in `web.messages`."""
        return self.refusal.code
