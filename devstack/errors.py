"""What the development stack says when it cannot go on: one sentence about the problem, one about the way out."""


class StackError(Exception):
    """A step failed. `problem` says what happened, `remedy` what the person at the keyboard can do about it."""

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(problem if not remedy else f"{problem}\n  -> {remedy}")
        self.problem = problem
        self.remedy = remedy
